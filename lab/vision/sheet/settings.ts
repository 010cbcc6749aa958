import { z } from 'zod';

/** Papers by name, width and height upright, in mm (ISO 216; ANSI/ASME Y14.1). */
export const papers = {
  A4: { width: 210, height: 297 },
  Letter: { width: 215.9, height: 279.4 },
} as const;

/** How images are laid on sheets. Lengths in mm. Part of a recipe. */
export const sheetSettingsSchema = z.strictObject({
  paper: z.enum(['A4', 'Letter']).default('A4'),
  orientation: z.enum(['portrait', 'landscape']).default('portrait'),
  /** Unprinted rim. Most office printers reach to 4.3 mm; what lies round a mark must be white too. */
  margin: z.number().min(3).max(50).default(10),
  /** Side of a fiducial. */
  markerSize: z.number().min(8).max(40).default(18),
  /** Longer side of an image. */
  imageSize: z.number().min(5).max(400).default(34),
  /** Least white between images. */
  gap: z.number().min(0).max(50).default(3),
  /** As many as fit, where not said. */
  columns: z.int().min(1).optional(),
  rows: z.int().min(1).optional(),
  /**
   * `by-source`: the versions of one image side by side, on one row where they fit and always on one sheet where
   * they fit. `grid`: in the order given, row by row.
   */
  arrangement: z.enum(['by-source', 'grid']).default('by-source'),
});

export type SheetSettings = z.infer<typeof sheetSettingsSchema>;
/** The settings as given, before the defaults are filled in. */
export type SheetSettingsInput = z.input<typeof sheetSettingsSchema>;
