import { intAttr } from '../../graph/attributes.ts';
import { type GraphBuilder, int, ints } from '../../graph/builder.ts';
import { type InputGradient, NONE, type Rule, type RuleContext, zerosLike } from '../rule.ts';

/** Gradients of gathering and scattering. */

/**
 * The reverse of taking elements along an axis: position `index[k]` receives element k of `gradient`, summed
 * where several go to one, zero where none does.
 *
 * @param size  extent of the axis in the result
 * @param index for each position of `gradient` along the axis, where it goes
 */
export function alongAxis(
  b: GraphBuilder,
  gradient: string,
  axis: number,
  size: number,
  index: readonly number[],
): string {
  const sources: number[][] = Array.from({ length: size }, () => []);
  index.forEach((to, k) => {
    sources[to].push(k);
  });
  const rounds = Math.max(1, ...sources.map((s) => s.length));
  if (rounds > 4) return byMatrix(b, gradient, axis, size, index);
  // One zero is put behind the last element: places that receive nothing take it.
  const rank = b.shape(gradient).length;
  const behind = Array.from({ length: 2 * rank }, (_, i) => (i === rank + axis ? 1 : 0));
  const padded = sources.some((s) => s.length < rounds)
    ? b.add('Pad', [gradient, b.longs(behind)])
    : gradient;
  const parts = Array.from({ length: rounds }, (_, round) =>
    b.add('Gather', [padded, b.longs(sources.map((s) => s[round] ?? index.length))], { axis: int(axis) }),
  );
  return parts.reduce((sum, part) => b.add('Add', [sum, part]));
}

/** Many to one: a product with the 0/1 matrix of the map. */
function byMatrix(
  b: GraphBuilder,
  gradient: string,
  axis: number,
  size: number,
  index: readonly number[],
): string {
  const matrix = new Float32Array(index.length * size);
  index.forEach((to, k) => {
    matrix[k * size + to] += 1;
  });
  return contract(b, gradient, axis, b.floats(matrix, [index.length, size], 'map'));
}

/** Multiplies along one axis by a matrix (extent of the axis)×(new extent). */
export function contract(b: GraphBuilder, value: string, axis: number, matrix: string): string {
  const rank = b.shape(value).length;
  if (axis === rank - 1) return b.add('MatMul', [value, matrix]);
  const perm = Array.from({ length: rank }, (_, i) => i);
  if (axis === rank - 2) {
    return b.add('MatMul', [b.add('Transpose', [matrix], { perm: ints([1, 0]) }), value]);
  }
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  const last = b.add('Transpose', [value], { perm: ints(perm) });
  return b.add('Transpose', [b.add('MatMul', [last, matrix])], { perm: ints(perm) });
}

const gather: Rule = (c) => {
  const { b } = c;
  const shape = b.shape(c.x());
  const axis = (intAttr(c.node, 'axis', 0) + shape.length) % shape.length;
  const dims = b.shape(c.x(1));
  const constant = b.graph.initializers.get(c.x(1));
  const size = shape[axis];
  // The axes of the index tensor become one.
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  if (constant && typeof size === 'number') {
    const index = Array.from(constant.data as ArrayLike<number | bigint>, (i) => (Number(i) + size) % size);
    if (new Set(index).size === index.length || shape.length < 3) {
      const flat = flattened(b, c.dy(), axis, dims.length, index.length);
      return c.entries(alongAxis(b, flat, axis, size, index));
    }
  }
  return c.entries(scatterRows(c, axis, before.length, after.length));
};

/** Gradient with the axes that the index tensor brought merged into one (or made, for a scalar index). */
function flattened(b: GraphBuilder, dy: string, axis: number, rank: number, length: number): string {
  if (rank === 1) return dy;
  if (rank === 0) return b.add('Unsqueeze', [dy, b.longs([axis])]);
  const shape = b.shape(dy);
  return b.reshape(dy, [...shape.slice(0, axis), length, ...shape.slice(axis + rank)]);
}

/** An index known only at run time, or with repeats: rows are added at their index. */
function scatterRows(c: RuleContext, axis: number, before: number, after: number): InputGradient {
  const { b } = c;
  // Axis first, then rows are scattered by ScatterND, then the axis goes back.
  const rank = before + after + 1;
  const indexRank = b.shape(c.x(1)).length;
  const dyRank = rank - 1 + indexRank;
  const first = [
    ...Array.from({ length: indexRank }, (_, i) => axis + i),
    ...Array.from({ length: dyRank }, (_, i) => i).filter((i) => i < axis || i >= axis + indexRank),
  ];
  const rows = axis === 0 ? c.dy() : b.add('Transpose', [c.dy()], { perm: ints(first) });
  const forward = [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)];
  const zeros = zerosLike(c.b, c.x());
  const target = axis === 0 ? zeros : b.add('Transpose', [zeros], { perm: ints(forward) });
  const index = b.add('Unsqueeze', [c.x(1), b.longs([-1])]);
  const sum = b.add('ScatterND', [target, index, rows], { reduction: { type: 'string', value: 'add' } });
  const inverse = forward.map((_, i) => forward.indexOf(i));
  return axis === 0 ? sum : b.add('Transpose', [sum], { perm: ints(inverse) });
}

const ADD = { type: 'string', value: 'add' } as const;

const gatherElements: Rule = (c) => {
  const axis = int(intAttr(c.node, 'axis', 0));
  const target = zerosLike(c.b, c.x());
  return c.entries(c.b.add('ScatterElements', [target, c.x(1), c.dy()], { axis, reduction: ADD }));
};

const gatherND: Rule = (c) => {
  if (intAttr(c.node, 'batch_dims', 0) !== 0) throw c.error('batch_dims other than 0 has no gradient here');
  return c.entries(c.b.add('ScatterND', [zerosLike(c.b, c.x()), c.x(1), c.dy()], { reduction: ADD }));
};

/** What was overwritten gets nothing; updates get the gradient of where they went. */
function scatter(c: RuleContext, erase: () => string, read: () => string): InputGradient[] {
  const reduction = c.node.attributes.reduction?.value ?? 'none';
  if (reduction !== 'none' && reduction !== 'add')
    throw c.error(`reduction '${reduction}' has no gradient here`);
  return [c.when(0, () => (reduction === 'add' ? c.dy() : erase())), NONE, c.when(2, read)];
}

const scatterND: Rule = (c) =>
  scatter(
    c,
    () => c.b.add('ScatterND', [c.dy(), c.x(1), zerosLike(c.b, c.x(2))]),
    () => c.b.add('GatherND', [c.dy(), c.x(1)]),
  );

const scatterElements: Rule = (c) => {
  const axis = int(intAttr(c.node, 'axis', 0));
  return scatter(
    c,
    () => c.b.add('ScatterElements', [c.dy(), c.x(1), zerosLike(c.b, c.x(2))], { axis }),
    () => c.b.add('GatherElements', [c.dy(), c.x(1)], { axis }),
  );
};

export const gatherRules: Readonly<Record<string, Rule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
};
