import { lightOf, toneOf } from '@halftone/sdk/image';
import type { Raster } from '../raster.ts';
import type { Patch, Rectangle, Sheet } from '../sheet/geometry.ts';
import type { Point } from './projection.ts';

/** Three linear values. */
export type Light = readonly [red: number, green: number, blue: number];

/** What a photograph shows of a patch. */
export interface PatchReading {
  readonly patch: Patch;
  /** Mean light of the patch's inner part, in the sensor's range (1 is full). */
  readonly light: Light;
  /** Mean light of the bare paper above and below it. */
  readonly white: Light;
  /** Whether the paper is so bright that the sensor was full: the reading says little then. */
  readonly clipped: boolean;
}

/** Where a place of the paper, in mm, is seen in a photograph, in pixels; from the finder, or the simulator's truth. */
export type ToPixels = (x: number, y: number) => Point;

/** White that surely lies above the patches (below the last row's captions) and below them, in mm from their edges. */
const above = { from: 2.4, to: 0.6 };
const below = { from: 0.8, to: 3 };

/**
 * Reads a photograph's patches, each beside the paper about it, so that uneven light cancels out.
 *
 * @param contrast of the camera's curve, where it is known; 0 for sRGB.
 */
export function readPatches(frame: Raster, sheet: Sheet, toPixels: ToPixels, contrast = 0): PatchReading[] {
  const decode = decoder(contrast);
  const printed = sheet.patches.filter(({ kind }) => kind !== 'paper');
  const [top, bottom] = [
    Math.min(...printed.map(({ y }) => y)),
    Math.max(...printed.map((p) => p.y + p.height)),
  ];
  const read = (place: Rectangle) => meanLight(frame, place, toPixels, decode);
  return printed.map((patch) => {
    const { x, y, width, height } = patch;
    const inner = { x: x + 0.25 * width, y: y + 0.25 * height, width: 0.5 * width, height: 0.5 * height };
    const upper = read({ x, width, y: top - above.from, height: above.from - above.to });
    const lower = read({ x, width, y: bottom + below.from, height: below.to - below.from });
    const share = (y + height / 2 - top) / (bottom - top);
    const white = [0, 1, 2].map((c) => upper[c]! + share * (lower[c]! - upper[c]!)) as unknown as Light;
    return { patch, light: read(inner), white, clipped: Math.max(...white) > 0.97 };
  });
}

/** From the camera's levels back to light: its curve turned over, for each of 256 levels. */
function decoder(contrast: number): Float64Array {
  const steps = 4096;
  const table = new Float64Array(256);
  let step = 0;
  for (let level = 0; level < 256; level++) {
    if (contrast === 0) table[level] = lightOf(level / 255);
    else {
      while (step < steps && toneOf(step / steps, contrast) < level / 255) step += 1;
      table[level] = step / steps;
    }
  }
  return table;
}

/** The mean light over a place of the paper, from an even grid of points. */
function meanLight(frame: Raster, place: Rectangle, toPixels: ToPixels, decode: Float64Array): Light {
  const points = 12;
  const sum = [0, 0, 0] as [number, number, number];
  let count = 0;
  for (let i = 0; i < points * points; i++) {
    const u = ((i % points) + 0.5) / points;
    const v = (Math.floor(i / points) + 0.5) / points;
    const [px, py] = toPixels(place.x + u * place.width, place.y + v * place.height);
    const [x, y] = [Math.floor(px), Math.floor(py)];
    if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) continue;
    for (let c = 0; c < 3; c++) sum[c]! += decode[frame.data[(y * frame.width + x) * 3 + c]!]!;
    count += 1;
  }
  return count === 0 ? [0, 0, 0] : [sum[0] / count, sum[1] / count, sum[2] / count];
}
