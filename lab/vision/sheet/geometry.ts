import { z } from 'zod';

/**
 * A sheet of paper as the lab knows it: what was put where, in millimetres from the paper's upper left corner, x to
 * the right and y down. Written beside each PDF as `sheet-N.json`; all that finds, cuts out or simulates a sheet
 * reads this and nothing else.
 */

const length = z.number().finite();
const extent = z.number().finite().positive();
const rectangle = { x: length, y: length, width: extent, height: extent };
const level = z.int().min(0).max(255);

/** A place on the paper. */
export const rectangleSchema = z.strictObject(rectangle);

/** A fiducial: a black square with white cells inside. Its corner points are those of the black square. */
export const markerSchema = z.strictObject({
  /** Index in the dictionary. */
  id: z.int().min(0),
  /** Upper left corner of the black square, and its side. */
  x: length,
  y: length,
  size: extent,
});

/** A uniform patch of known colour, to characterise print and camera by. */
export const patchSchema = z.strictObject({
  ...rectangle,
  kind: z.enum(['grey', 'colour', 'paper']),
  /** sRGB levels as sent to the printer. */
  rgb: z.tuple([level, level, level]),
});

/** What an image on the sheet is. */
export const cellImageSchema = z.strictObject({
  /** Path of the PNG, relative to the run's folder. */
  file: z.string().min(1),
  /** Size in pixels; each pixel is printed as a rectangle of its own, never resampled. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** Number of the source image in the run: clean and adversarial versions of one image share it. */
  source: z.int().min(0),
  /** Index of the true class. */
  label: z.int().min(0),
  /** `clean`, or the key of the attack (with its ε) in the run. */
  variant: z.string().min(1),
});

/** A cell: where one image lies. */
export const cellSchema = z.strictObject({
  ...rectangle,
  image: cellImageSchema,
});

export const sheetSchema = z.strictObject({
  version: z.literal(1),
  /** Short name of the run: what the QR code says, with the sheet's number. */
  run: z.string().min(1).max(64),
  /** From 1. */
  sheet: z.int().min(1),
  sheets: z.int().min(1),
  paper: z.strictObject({ name: z.string(), width: extent, height: extent }),
  /** The dictionary that the markers' ids belong to. */
  dictionary: z.string().min(1),
  /** Every fiducial; ids are used once a sheet, and no two sheets of a run share one. */
  markers: z.array(markerSchema).min(4),
  patches: z.array(patchSchema),
  qr: z.strictObject({ x: length, y: length, size: extent, text: z.string() }).optional(),
  cells: z.array(cellSchema),
});

export type Rectangle = z.infer<typeof rectangleSchema>;
export type Marker = z.infer<typeof markerSchema>;
export type Patch = z.infer<typeof patchSchema>;
export type CellImage = z.infer<typeof cellImageSchema>;
export type Cell = z.infer<typeof cellSchema>;
export type Sheet = z.infer<typeof sheetSchema>;
