import { intAttr, intsAttr, stringAttr } from '../../graph/attributes.ts';
import { int, ints, string } from '../../graph/builder.ts';
import type { Dim } from '../../graph/ir.ts';
import { type Rule, type RuleContext, ZERO, zerosLike } from '../rule.ts';
import { alongAxis } from './gather.ts';

/** Gradients of operators that move elements without changing them. */

/** The elements stay in order: only the shape is put back. */
const reshape: Rule = (c) => c.entries(c.b.reshapeLike(c.dy(), c.x()));

const transpose: Rule = (c) => {
  const rank = c.b.shape(c.x()).length;
  const perm = intsAttr(
    c.node,
    'perm',
    Array.from({ length: rank }, (_, i) => rank - 1 - i),
  );
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [c.b.add('Transpose', [c.dy()], { perm: ints(inverse) })];
};

const concat: Rule = (c) => {
  const { b } = c;
  const rank = b.shape(c.y()).length;
  const axis = (intAttr(c.node, 'axis') + rank) % rank;
  let at = 0;
  return c.node.inputs.map((input, i) => {
    const [size] = b.extents(input, [axis]);
    const start = at;
    at += size;
    if (size === 0) return ZERO;
    return c.when(i, () =>
      b.add('Slice', [c.dy(), b.longs([start]), b.longs([start + size]), b.longs([axis])]),
    );
  });
};

const split: Rule = (c) => {
  const axis = intAttr(c.node, 'axis', 0);
  const parts = c.node.outputs.map((output, i) => (c.reached(i) ? c.dy(i) : zerosLike(c.b, output)));
  return c.entries(c.b.add('Concat', parts, { axis: int(axis) }));
};

/** Constant integers that a movement is steered by, or an error saying which input isn't constant. */
export function constantInts(c: RuleContext, i: number, what: string): number[] {
  const tensor = c.b.graph.initializers.get(c.x(i));
  if (!tensor) throw c.error(`its ${what} must be constant for a gradient`);
  return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** Axis by axis: the elements taken go back to their places, the others get zero. */
const slice: Rule = (c) => {
  const { b } = c;
  const shape = b.shape(c.x());
  const starts = constantInts(c, 1, 'starts');
  const ends = constantInts(c, 2, 'ends');
  const axes = c.has(3) ? constantInts(c, 3, 'axes') : starts.map((_, i) => i);
  const steps = c.has(4) ? constantInts(c, 4, 'steps') : starts.map(() => 1);
  const plain: Array<{ axis: number; before: number; after: number }> = [];
  const indexed: Array<{ axis: number; size: number; index: number[] }> = [];
  axes.forEach((given, i) => {
    const axis = (given + shape.length) % shape.length;
    if (isWhole(starts[i], ends[i], steps[i], shape[axis])) return;
    const [size] = b.extents(c.x(), [axis]);
    const [count] = b.extents(c.y(), [axis]);
    const first = sliceStart(starts[i], size, steps[i]);
    if (steps[i] === 1) plain.push({ axis, before: first, after: size - first - count });
    else indexed.push({ axis, size, index: Array.from({ length: count }, (_, k) => first + k * steps[i]) });
  });
  let gradient = c.dy();
  for (const { axis, size, index } of indexed) gradient = alongAxis(b, gradient, axis, size, index);
  if (plain.length > 0) {
    const begin = shape.map((_, axis) => plain.find((p) => p.axis === axis)?.before ?? 0);
    const end = shape.map((_, axis) => plain.find((p) => p.axis === axis)?.after ?? 0);
    gradient = b.add('Pad', [gradient, b.longs([...begin, ...end])]);
  }
  return c.entries(gradient);
};

/** Does the slice take an axis whole, whatever its extent? */
function isWhole(start: number, end: number, step: number, size: Dim): boolean {
  if (step !== 1 || start !== 0) return false;
  return typeof size === 'number' ? end >= size : end >= 2 ** 31 - 1;
}

function sliceStart(start: number, size: number, step: number): number {
  const from = start < 0 ? start + size : start;
  return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1);
}

/** Padding with a constant is cut off again; padding with copies adds each copy to its original. */
const pad: Rule = (c) => {
  const { b } = c;
  const shape = b.shape(c.x());
  const pads = constantInts(c, 1, 'pads');
  const axes = c.has(3) ? constantInts(c, 3, 'axes') : shape.map((_, i) => i);
  const half = pads.length / 2;
  const mode = stringAttr(c.node, 'mode', 'constant');
  const entries = axes
    .map((axis, i) => ({
      axis: (axis + shape.length) % shape.length,
      before: pads[i],
      after: pads[half + i],
    }))
    .filter(({ before, after }) => before !== 0 || after !== 0);
  if (mode === 'constant') {
    const at = (axis: number) => entries.find((e) => e.axis === axis) ?? { before: 0, after: 0 };
    const amounts = [...shape.map((_, axis) => -at(axis).before), ...shape.map((_, axis) => -at(axis).after)];
    return c.entries(amounts.every((p) => p === 0) ? c.dy() : b.add('Pad', [c.dy(), b.longs(amounts)]));
  }
  const gradient = entries.reduce((g, { axis, before, after }) => {
    const [size] = b.extents(c.x(), [axis]);
    const index = Array.from({ length: before + size + after }, (_, i) => copiedFrom(i - before, size, mode));
    return alongAxis(b, g, axis, size, index);
  }, c.dy());
  return c.entries(gradient);
};

function copiedFrom(at: number, size: number, mode: string): number {
  if (mode === 'edge') return Math.min(Math.max(at, 0), size - 1);
  if (mode === 'wrap') return ((at % size) + size) % size;
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const place = ((at % period) + period) % period;
  return place < size ? place : period - place;
}

/** Repeats are summed. */
const tile: Rule = (c) => {
  const { b } = c;
  const repeats = constantInts(c, 1, 'repeats');
  const shape = b.shape(c.x());
  const axes = repeats.flatMap((r, axis) => (r === 1 ? [] : [axis]));
  // Each repeated axis becomes (repeat, extent); an axis not repeated stays one.
  const split: Dim[] = shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [repeats[axis], dim]));
  const summed = axes.map((axis, i) => axis + i);
  if (axes.length === 0) return c.entries(c.dy());
  const apart = b.reshape(c.dy(), split);
  return c.entries(b.add('ReduceSum', [apart, b.longs(summed)], { keepdims: int(0) }));
};

const depthToSpace: Rule = (c) => {
  const { b } = c;
  const size = intAttr(c.node, 'blocksize');
  if (stringAttr(c.node, 'mode', 'DCR') === 'DCR')
    return [b.add('SpaceToDepth', [c.dy()], { blocksize: int(size) })];
  const [channels, height, width] = b.extents(c.y(), [1, 2, 3]);
  const apart = b.add('Reshape', [c.dy(), b.longs([-1, channels, height / size, size, width / size, size])]);
  const moved = b.add('Transpose', [apart], { perm: ints([0, 1, 3, 5, 2, 4]) });
  return [b.reshapeLike(moved, c.x())];
};

const spaceToDepth: Rule = (c) => [
  c.b.add('DepthToSpace', [c.dy()], { blocksize: int(intAttr(c.node, 'blocksize')), mode: string('DCR') }),
];

const trilu: Rule = (c) => {
  const inputs = c.has(1) ? [c.dy(), c.x(1)] : [c.dy()];
  return c.entries(c.b.add('Trilu', inputs, { upper: int(intAttr(c.node, 'upper', 1)) }));
};

export const movementRules: Readonly<Record<string, Rule>> = {
  Concat: concat,
  DepthToSpace: depthToSpace,
  // The walker sums over what was repeated.
  Expand: (c) => c.entries(c.dy()),
  Flatten: reshape,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: reshape,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: reshape,
};
