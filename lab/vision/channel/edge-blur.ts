import { HalftoneError } from '@halftone/sdk/errors';
import { lightOfLevel } from '@halftone/sdk/image';
import type { Raster } from '../raster.ts';
import { MARKER_CELLS } from '../sheet/dictionary.ts';
import type { Sheet } from '../sheet/geometry.ts';
import type { ToPixels } from './readings.ts';

/** A point across an edge: how far inside the black, in pixels, and how bright between black (0) and white (1). */
interface Crossing {
  readonly distance: number;
  readonly light: number;
}

/**
 * How blurred a photograph is: the standard deviation, in pixels, of the Gaussian that turns the fiducials' sharp
 * edges into those that are seen; print, lens, focus and motion together, and less what sharpening gave back. Beyond
 * a third of a fiducial's cell it can't be told. Throws `bad-argument` where no fiducial's edge can be read.
 */
export function edgeBlur(frame: Raster, sheet: Sheet, toPixels: ToPixels): number {
  const sigmas: number[] = [];
  for (const { x, y, size } of sheet.markers) {
    const reach = (0.9 * size) / MARKER_CELLS;
    for (const side of [0, 1, 2, 3]) {
      const crossings = edgeOf(frame, { x, y, size, reach, side }, toPixels);
      const sigma = crossings === undefined ? undefined : sigmaOf(crossings);
      if (sigma !== undefined) sigmas.push(sigma);
    }
  }
  if (sigmas.length === 0) throw new HalftoneError('bad-argument', 'no edge of a fiducial can be read');
  sigmas.sort((a, b) => a - b);
  return sigmas[sigmas.length >> 1]!;
}

interface Edge {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** How far to look to each side, mm. */
  readonly reach: number;
  /** 0 left, 1 top, 2 right, 3 bottom. */
  readonly side: number;
}

/** Points across the middle of one side of a fiducial; undefined where it isn't seen whole or has no contrast. */
function edgeOf(
  frame: Raster,
  { x, y, size, reach, side }: Edge,
  toPixels: ToPixels,
): Crossing[] | undefined {
  const points: { distance: number; light: number }[] = [];
  for (let along = 0.2; along <= 0.8; along += 0.05) {
    const place = (inside: number): readonly [number, number] => {
      const [across, down] = [
        [inside, along * size],
        [along * size, inside],
        [size - inside, along * size],
        [along * size, size - inside],
      ][side] as [number, number];
      return toPixels(x + across, y + down);
    };
    const edge = place(0);
    const inward = place(reach);
    const length = Math.hypot(inward[0] - edge[0], inward[1] - edge[1]);
    if (length < 3) return undefined;
    const steps = Math.ceil(4 * length);
    for (let i = -steps; i <= steps; i++) {
      const share = i / steps;
      const light = lightAt(
        frame,
        edge[0] + share * (inward[0] - edge[0]),
        edge[1] + share * (inward[1] - edge[1]),
      );
      if (light === undefined) return undefined;
      points.push({ distance: share * length, light });
    }
  }
  const far = Math.max(...points.map(({ distance }) => distance));
  const level = (sign: number) => {
    const end = points.filter(({ distance }) => sign * distance > 0.75 * far).map(({ light }) => light);
    return end.sort((a, b) => a - b)[end.length >> 1]!;
  };
  const [white, black] = [level(-1), level(1)];
  if (white - black < 0.1) return undefined;
  return points.map(({ distance, light }) => ({ distance, light: (light - black) / (white - black) }));
}

/** Green light between pixels' centres. */
function lightAt({ width, height, data }: Raster, px: number, py: number): number | undefined {
  const [x, y] = [px - 0.5, py - 0.5];
  const [left, top] = [Math.floor(x), Math.floor(y)];
  if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) return undefined;
  const at = (i: number, j: number) => lightOfLevel[data[((top + j) * width + left + i) * 3 + 1]!]!;
  const [fx, fy] = [x - left, y - top];
  return (1 - fy) * ((1 - fx) * at(0, 0) + fx * at(1, 0)) + fy * ((1 - fx) * at(0, 1) + fx * at(1, 1));
}

/**
 * The width of the Gaussian whose integral fits the points best, its middle free. Reading between pixels widens it by
 * a triangle's variance, 1/6, which is taken off.
 */
function sigmaOf(crossings: readonly Crossing[]): number | undefined {
  let best = { error: Number.POSITIVE_INFINITY, sigma: 0 };
  for (let sigma = 0.3; sigma < 8; sigma *= 1.06) {
    for (let shift = -0.6; shift <= 0.6; shift += 0.1) {
      let error = 0;
      for (const { distance, light } of crossings) {
        error += (light - (1 - normalIntegral((distance - shift) / sigma))) ** 2;
      }
      if (error < best.error) best = { error, sigma };
    }
  }
  if (best.error / crossings.length > 0.02) return undefined;
  return Math.sqrt(Math.max(0, best.sigma ** 2 - 1 / 6));
}

/** Φ, by Zelen and Severo's formula (Abramowitz and Stegun 1964, 26.2.17), right to 1e-7. */
function normalIntegral(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * series;
  return x < 0 ? tail : 1 - tail;
}
