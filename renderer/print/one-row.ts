import type { SheetSettings } from '../../lab/api.ts';
import type { CellImage } from '../../lab/vision/sheet/geometry.ts';
import { layOut } from '../../lab/vision/sheet/layout.ts';

/** Smaller prints than this are too small for most cameras, in mm. */
const least = 12;

/** All versions of an image in one row, by a smaller size. */
export interface OneRow {
  /** How many versions there are of an image. */
  readonly versions: number;
  /** The largest size at which they stand side by side, in whole mm. */
  readonly imageSize: number;
}

/**
 * What would bring the versions of an image into one row, where they are to stand side by side and take more; undefined
 * where they do, or where no size does.
 */
export function oneRowFor(images: readonly CellImage[], settings: SheetSettings): OneRow | undefined {
  if (settings.arrangement !== 'by-source') return undefined;
  const group = images.filter(({ source }) => source === images[0]?.source);
  if (group.length < 2 || rowsOf(group, settings) === 1) return undefined;
  for (let imageSize = Math.ceil(settings.imageSize) - 1; imageSize >= least; imageSize--) {
    if (rowsOf(group, { ...settings, imageSize }) === 1) return { versions: group.length, imageSize };
  }
  return undefined;
}

/** Rows that images take; as many as there are sheets where they don't fit one, none where nothing fits. */
function rowsOf(images: readonly CellImage[], settings: SheetSettings): number {
  try {
    const sheets = layOut(images, 'row', settings);
    return new Set(sheets.flatMap(({ sheet, cells }) => cells.map(({ y }) => `${sheet} ${y}`))).size;
  } catch {
    return 0;
  }
}
