import type { Plane } from './blur.ts';
import type { Operation } from './operation.ts';

/** One of the places that a pixel is put together from: so many pixels to the right and down, and how much counts. */
export interface Tap {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/**
 * The taps of a mean along a line through the pixel: a picture that moved during its exposure.
 * `length` in pixels, `direction` in degrees, clockwise from the right.
 */
export function motionTaps(length: number, direction: number): Tap[] {
  const steps = Math.max(2, Math.ceil(length) + 1);
  const angle = (direction * Math.PI) / 180;
  const taps = new Map<string, Tap>();
  const add = (x: number, y: number, weight: number): void => {
    if (weight === 0) return;
    const key = `${x} ${y}`;
    taps.set(key, { x, y, weight: (taps.get(key)?.weight ?? 0) + weight / steps });
  };
  for (let step = 0; step < steps; step++) {
    const along = length * (step / (steps - 1) - 0.5);
    const [x, y] = [along * Math.cos(angle), along * Math.sin(angle)];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - left, y - top];
    add(left, top, (1 - fx) * (1 - fy));
    add(left + 1, top, fx * (1 - fy));
    add(left, top + 1, (1 - fx) * fy);
    add(left + 1, top + 1, fx * fy);
  }
  return [...taps.values()];
}

/** Each pixel the weighted sum of its taps, into a new array. Beyond the edges a picture goes on as its outermost pixels. */
export function applyTaps(data: Float32Array, plane: Plane, taps: readonly Tap[]): Float32Array {
  const out = new Float32Array(data.length);
  walk(plane, taps, (at, from, weight, length) => {
    for (let i = 0; i < length; i++) out[at + i]! += weight * data[from + i]!;
  });
  return out;
}

/** The transpose of `applyTaps`. */
export function applyTapsBack(data: Float32Array, plane: Plane, taps: readonly Tap[]): Float32Array {
  const out = new Float32Array(data.length);
  walk(plane, taps, (at, from, weight, length) => {
    for (let i = 0; i < length; i++) out[from + i]! += weight * data[at + i]!;
  });
  return out;
}

/** `applyTaps` as an operation. */
export function tapsOf(plane: Plane, taps: readonly Tap[]): Operation {
  return (input) => ({
    values: applyTaps(input, plane, taps),
    pullback: (cotangent) => applyTapsBack(cotangent, plane, taps),
  });
}

/** Stretches of values that a tap moves together: whole rows but for the pixels that reach beyond the sides. */
function walk(
  { width, height, channels }: Plane,
  taps: readonly Tap[],
  move: (at: number, from: number, weight: number, length: number) => void,
): void {
  const row = width * channels;
  const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
  for (let y = 0; y < height; y++) {
    for (const { x, y: down, weight } of taps) {
      const [to, from] = [y * row, within(y + down, height) * row];
      const [left, right] = [Math.min(width, Math.max(0, -x)), Math.max(0, Math.min(width, width - x))];
      for (let k = 0; k < Math.min(left, width); k++) {
        move(to + k * channels, from + within(k + x, width) * channels, weight, channels);
      }
      if (right > left)
        move(to + left * channels, from + (left + x) * channels, weight, (right - left) * channels);
      for (let k = Math.max(right, left); k < width; k++) {
        move(to + k * channels, from + within(k + x, width) * channels, weight, channels);
      }
    }
  }
}
