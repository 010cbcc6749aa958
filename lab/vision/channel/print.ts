import type { Random } from '@halftone/sdk';
import { lightOfLevel } from '@halftone/sdk/image';
import type { Raster } from '../raster.ts';
import { type Pyramid, pyramidOf } from './pyramid.ts';
import type { Printer } from './settings.ts';

/** A sheet as it came out of a printer. */
export interface Print {
  readonly pyramid: Pyramid;
  /** Light of the bare paper (its mean over the colours), 1 for perfect white. */
  readonly white: number;
}

/** What a printer makes of a sheet's picture. Once a sheet: every photograph of it reads the same print. */
export function printSheet(picture: Raster, pixelsPerMm: number, printer: Printer, _random: Random): Print {
  const data = new Float32Array(picture.data.length);
  for (let i = 0; i < data.length; i++) data[i] = lightOfLevel[picture.data[i]!]! * printer.paper[i % 3]!;
  const [r, g, b] = printer.paper;
  const { width, height } = picture;
  return { pyramid: pyramidOf({ width, height, pixelsPerMm, data }), white: (r + g + b) / 3 };
}
