import type { Random } from '@halftone/sdk';
import { gaussianBlur, printInk } from '@halftone/sdk/image';
import type { Raster } from '../raster.ts';
import { noiseMask, normalNoise } from './noise.ts';
import { type LightRaster, type Pyramid, pyramidOf } from './pyramid.ts';
import type { Printer } from './settings.ts';

/** A sheet as it came out of a printer. */
export interface Print {
  readonly pyramid: Pyramid;
  /** Light of the bare paper (its mean over the colours), 1 for perfect white. */
  readonly white: number;
}

/**
 * What a printer makes of a sheet's picture: inks on paper with its dot gain and gamut, uneven ink, the paper's
 * grain, edges spread. Once a sheet: every photograph of it reads the same print. About a second for five megapixels.
 *
 * @param picture from `renderSheet`.
 * @param pixelsPerMm as it was rendered with.
 */
export function printSheet(picture: Raster, pixelsPerMm: number, printer: Printer, random: Random): Print {
  const { width, height } = picture;
  const data = new Float32Array(picture.data.length);
  for (let i = 0; i < data.length; i++) data[i] = picture.data[i]! / 255;
  printInk(data, printer);
  const print = { width, height, pixelsPerMm, data };
  const [r, g, b] = printer.paper;
  const white = (r + g + b) / 3;
  makeUneven(print, printer, white, random);
  gaussianBlur(data, { width, height, channels: 3 }, printer.spread * pixelsPerMm);
  return { pyramid: pyramidOf(print), white };
}

/** Blotches in the ink, the more the more there is of it, and grain everywhere. */
function makeUneven(
  { width, height, pixelsPerMm, data }: LightRaster,
  printer: Printer,
  white: number,
  random: Random,
) {
  const noise = normalNoise();
  const mottle = mottleOf(Math.ceil(height / pixelsPerMm) + 2, Math.ceil(width / pixelsPerMm) + 2, random);
  // Noise of a tenth of a mm, averaged over (or spread on) a pixel.
  const grain = printer.grain * 0.1 * pixelsPerMm;
  for (let y = 0; y < height; y++) {
    const start = random.bits();
    const row = y / pixelsPerMm;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const ink = 1 - data[at + 1]! / white;
      const blotch = printer.mottle * ink * mottle(x / pixelsPerMm, row);
      const share = 1 + blotch + grain * noise[(start + x) & noiseMask]!;
      data[at]! *= share;
      data[at + 1]! *= share;
      data[at + 2]! *= share;
    }
  }
}

/** Smooth noise of standard deviation near 1 with a node each mm. */
function mottleOf(rows: number, columns: number, random: Random): (x: number, y: number) => number {
  const noise = normalNoise();
  const start = random.bits();
  return (x, y) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - left, y - top];
    const at = start + Math.min(top, rows - 2) * columns + Math.min(left, columns - 2);
    const above = (1 - fx) * noise[at & noiseMask]! + fx * noise[(at + 1) & noiseMask]!;
    const below = (1 - fx) * noise[(at + columns) & noiseMask]! + fx * noise[(at + columns + 1) & noiseMask]!;
    return 1.4 * ((1 - fy) * above + fy * below);
  };
}
