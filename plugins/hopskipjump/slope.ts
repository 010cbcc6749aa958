import type { ImageTask } from '@halftone/sdk';
import type { Geometry } from './geometry.ts';

/** A part of the attack on one image that asks the model for classes. */
export type Question<T> = Generator<Float32Array, T, Int32Array>;

/** Values of the images that are asked about at once for one slope, at most. 4 MB. */
const MOST_VALUES = 2 ** 20;

/**
 * The direction, of length 1, in which the wanted side of the boundary lies at a point on it: the mean of random
 * directions, each weighed by the decision there less the mean decision. Section III.C, equations 9, 15 and 16.
 * Undefined where the directions tell nothing.
 */
export function* slopeAt(
  task: ImageTask,
  geometry: Geometry,
  point: Float32Array,
  radius: number,
  evals: number,
): Question<Float64Array | undefined> {
  const size = point.length;
  const most = Math.max(1, Math.floor(MOST_VALUES / size));
  const sums: Sums = { plain: new Float64Array(size), weighed: new Float64Array(size), decisions: 0 };
  for (let done = 0; done < evals; done += most) {
    const count = Math.min(most, evals - done);
    const block = new Float32Array(count * size);
    for (let k = 0; k < count; k++)
      probe(task, geometry, point, radius, block.subarray(k * size, (k + 1) * size));
    const labels = yield block;
    for (let k = 0; k < count; k++) {
      const decision = (labels[k] === task.wanted) === task.targeted ? 1 : -1;
      add(sums, decision, block.subarray(k * size, (k + 1) * size), point);
    }
  }
  return direction(sums, evals);
}

/** Writes a random point of the sphere around a point, clipped to [0, 1]. */
function probe(
  { random }: ImageTask,
  geometry: Geometry,
  point: Float32Array,
  radius: number,
  out: Float32Array,
): void {
  let square = 0;
  for (let i = 0; i < out.length; i++) {
    const value = geometry.draw(random);
    out[i] = value;
    square += value * value;
  }
  const scale = radius / Math.sqrt(square);
  for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(point[i]! + scale * out[i]!, 0), 1);
}

/** Over the points asked about: changes, changes times decision (1 or −1), decisions. */
interface Sums {
  readonly plain: Float64Array;
  readonly weighed: Float64Array;
  decisions: number;
}

function add(sums: Sums, decision: number, probed: Float32Array, point: Float32Array): void {
  sums.decisions += decision;
  for (let i = 0; i < point.length; i++) {
    const change = probed[i]! - point[i]!;
    sums.plain[i]! += change;
    sums.weighed[i]! += decision * change;
  }
}

function direction({ plain, weighed, decisions }: Sums, evals: number): Float64Array | undefined {
  const mean = decisions / evals;
  // Where all decide alike, less the mean nothing would be left.
  const baseline = Math.abs(mean) === 1 ? 0 : mean;
  const slope = weighed.map((value, i) => value - baseline * plain[i]!);
  const length = Math.sqrt(slope.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? slope.map((value) => value / length) : undefined;
}
