import {
  type Attack,
  distances,
  type NormName,
  normOf,
  type ParameterSchema,
  type ParameterValues,
  project,
} from '@halftone/sdk';
import { checkValues, imageSize } from '../data/batch.ts';
import type { ImageBatch } from '../runtime/classifier-types.ts';

/** An image that an attack handed back outside what it promised. The host has put it right. */
export interface Violation {
  readonly image: number;
  readonly bound: NormName | 'range';
  /** The radius, or for `range` 1. */
  readonly allowed: number;
  /** The distance, or the value farthest outside [0, 1]. */
  readonly found: number;
}

/** float32 rounding takes a value past its bound by less than this. */
const slack = 1e-6;

/** Values finite, in [0, 1] and in the ball; notes what had to be put right. */
export function enforce(
  attack: Attack,
  parameters: ParameterValues<ParameterSchema>,
  made: Float32Array,
  origin: ImageBatch,
  first: number,
  violations: Violation[],
): Float32Array {
  checkValues({ ...origin, data: made }, `attack '${attack.name}'`, { first });
  const size = imageSize(origin);
  for (let image = 0; image < origin.count; image++) {
    const found = clip(made.subarray(image * size, (image + 1) * size));
    if (found !== undefined) violations.push({ image: first + image, bound: 'range', allowed: 1, found });
  }
  const { budget } = attack;
  const norm = normOf(attack, parameters);
  if (budget === undefined) return made;
  const radius = parameters[budget] as number;
  const found = distances(norm, made, origin.data, origin.count);
  const outside = Array.from(found.entries()).filter(
    ([, distance]) => distance > radius * (1 + slack) + slack,
  );
  for (const [image, distance] of outside) {
    violations.push({ image: first + image, bound: norm, allowed: radius, found: distance });
  }
  // Every projection goes from where the values are towards the origin, which lies in [0, 1]: they stay there.
  return outside.length === 0 ? made : project(norm, made, origin.data, origin.count, radius);
}

/** Clips to [0, 1] in place; the value that was farthest outside, if any was by more than rounding. */
function clip(values: Float32Array): number | undefined {
  let low = 0;
  let high = 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= 0 && value <= 1) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    values[i] = value < 0 ? 0 : 1;
  }
  if (-low <= slack && high - 1 <= slack) return undefined;
  return -low > high - 1 ? low : high;
}
