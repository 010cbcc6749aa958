import { float, type GraphBuilder, int } from '../../graph/builder.ts';
import type { RuleContext } from '../rule.ts';
import { interleave, phaseLength, stackedAfterChannels } from './interleave.ts';
import { STEEP } from './mask.ts';
import { explicitWindow, type Window } from './window.ts';

/** A pool, or one direction of it: extents and strides of its windows along both spatial axes. */
type Stage = Pick<Window, 'kernel' | 'strides'>;

/**
 * Gradient of a two-dimensional MaxPool without dilations, in operators that ONNX Runtime's CPU provider runs
 * in its blocked convolution layout.
 *
 * Everything is computed at as many positions q as there are windows or, along an axis where windows overlap,
 * as many more as it takes for stride·q + r to reach every padded coordinate, r being its phase (see `Phases`).
 *
 * @param source the pool's input, padded explicitly
 * @param w its window; the padding counts
 */
export function blockedMaxPool(c: RuleContext, source: string, w: Window): string {
  const { b } = c;
  const count = w.output.map((n, i) => n + phaseLength(w.kernel[i], 0, w.strides[i]) - 1);
  const dy = sampled(b, c.dy(), [0, 0], [1, 1], count);
  const maximum = sampled(b, c.y(), [0, 0], [1, 1], count);
  // Up to four offsets are fewer passes than two directions.
  const small = w.kernel[0] * w.kernel[1] <= 4;
  const images = small
    ? phaseGradients(b, dy, w, (offset) => isMaximum(b, source, offset, w.strides, maximum))
    : inTwoDirections(b, dy, maximum, source, w);
  if (images.length === 1) return sampled(b, images[0], w.begin, [1, 1], w.input);
  return interleave(c, stackedAfterChannels(b, images), w, { first: [0, 0], count });
}

/**
 * The pool taken apart in a horizontal one (the largest of each row of a window) and a vertical one (the largest
 * of these), undone in reverse: the first row that holds the maximum, then in it the first column, is the first
 * element in row order. That passes twice k offsets, not k².
 */
function inTwoDirections(b: GraphBuilder, dy: string, maximum: string, source: string, w: Window): string[] {
  const [strideY, strideX] = w.strides;
  const vertical: Stage = { kernel: [w.kernel[0], 1], strides: [strideY, 1] };
  const horizontal: Stage = { kernel: [1, w.kernel[1]], strides: [1, strideX] };
  const rows = b.add('MaxPool', [source], explicitWindow({ ...horizontal, begin: [0, 0], end: [0, 0] }));
  const perRow = phaseGradients(b, dy, vertical, (offset) =>
    isMaximum(b, rows, offset, vertical.strides, maximum),
  );
  const count = b.extents(dy, [2, 3]);
  return perRow.flatMap((gradient, r) => {
    const rowMaximum = sampled(b, rows, [r, 0], vertical.strides, count);
    return phaseGradients(b, gradient, horizontal, ([, j]) =>
      isMaximum(b, source, [r, j], w.strides, rowMaximum),
    );
  });
}

/**
 * Gradients at a pool's input, one for each phase. What is left of dy passes the offsets of the window in turn,
 * and each takes it where its element is the maximum; whoever comes last takes all.
 *
 * @param wins 1 where the element at an offset is the maximum, else 0
 */
function phaseGradients(
  b: GraphBuilder,
  dy: string,
  { kernel, strides }: Stage,
  wins: (offset: readonly number[]) => string,
): string[] {
  const offsets = pairsBelow(kernel);
  let rest = dy;
  const shares = offsets.map((offset, i) => {
    if (i === offsets.length - 1) return rest;
    const share = b.add('Mul', [rest, wins(offset)]);
    // Subtracted by a convolution, which adds in place; a subtraction isn't run in blocks.
    rest = b.add('Add', [moved(b, share, [0, 0], -1), rest]);
    return share;
  });
  return pairsBelow(strides).map((phase) => {
    const terms = offsets.flatMap((offset, i) => {
      if (offset.some((o, axis) => o % strides[axis] !== phase[axis])) return [];
      const steps = offset.map((o, axis) => Math.floor(o / strides[axis]));
      return [steps.every((s) => s === 0) ? shares[i] : moved(b, shares[i], steps, 1)];
    });
    if (terms.length === 0) return moved(b, dy, [0, 0], 0);
    return terms.reduce((sum, term) => b.add('Add', [term, sum]));
  });
}

/** All (i, j) with i < n₀ and j < n₁, row by row. */
function pairsBelow([n0, n1]: readonly number[]): Array<[number, number]> {
  return Array.from({ length: n0 * n1 }, (_, i) => [Math.floor(i / n1), i % n1]);
}

/** 1 where the element at an offset of the window is the maximum, 0 where it is below it (see `mask01`). */
function isMaximum(
  b: GraphBuilder,
  source: string,
  offset: readonly number[],
  strides: readonly number[],
  maximum: string,
): string {
  const negated = sampled(b, source, offset, strides, b.extents(maximum, [2, 3]), -1);
  const gap = b.add('Add', [negated, maximum]);
  return b.add('HardSigmoid', [gap], { alpha: float(-STEEP), beta: float(1) });
}

/** factor · value at offset + stride·q for q < count along both spatial axes, zero beyond the end. */
function sampled(
  b: GraphBuilder,
  value: string,
  offset: readonly number[],
  strides: readonly number[],
  count: readonly number[],
  factor = 1,
): string {
  const size = b.extents(value, [2, 3]);
  const same = size.every((n, i) => n === count[i] && strides[i] === 1 && offset[i] === 0);
  if (same && factor === 1) return value;
  // The least kernel that gives no more positions than wanted.
  const kernel = size.map((n, i) => Math.max(offset[i] + 1, n - strides[i] * count[i] + 1));
  const end = size.map((n, i) => Math.max(0, strides[i] * (count[i] - 1) + kernel[i] - n));
  return tapped(b, value, offset, factor, { kernel, strides, begin: [0, 0], end });
}

/** factor · value moved on by `steps` along the spatial axes. */
function moved(b: GraphBuilder, value: string, steps: readonly number[], factor: number): string {
  const kernel = steps.map((s) => s + 1);
  return tapped(b, value, [0, 0], factor, { kernel, strides: [1, 1], begin: steps, end: [0, 0] });
}

/** Convolution of each channel by itself with a kernel that is `factor` at one place and zero elsewhere. */
function tapped(
  b: GraphBuilder,
  value: string,
  place: readonly number[],
  factor: number,
  w: Pick<Window, 'kernel' | 'strides' | 'begin' | 'end'>,
): string {
  const [channels] = b.extents(value, [1]);
  const area = w.kernel[0] * w.kernel[1];
  const at = place[0] * w.kernel[1] + place[1];
  const taps = Float32Array.from({ length: channels * area }, (_, i) => (i % area === at ? factor : 0));
  const kernel = b.floats(taps, [channels, 1, ...w.kernel], 'tap');
  return b.add('Conv', [value, kernel], { ...explicitWindow(w), group: int(channels) });
}
