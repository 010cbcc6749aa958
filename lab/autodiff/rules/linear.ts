import { flagAttr, floatAttr, stringAttr } from '../../graph/attributes.ts';
import { float, type GraphBuilder, int, ints } from '../../graph/builder.ts';
import { mulDims } from '../../graph/dims.ts';
import type { Dim } from '../../graph/ir.ts';
import { type Rule, type RuleContext, scaled, sumOver } from '../rule.ts';

/** Gradients of matrix products. */

/** The last two axes exchanged. ONNX Runtime folds it into the product that follows. */
export function transposed(b: GraphBuilder, value: string): string {
  const rank = b.shape(value).length;
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return b.add('Transpose', [value], { perm: ints(perm) });
}

/** Two-dimensional views of vectors, so that one formula serves: a row on the left, a column on the right. */
function asMatrices(c: RuleContext): { a: string; m: string; dy: string } {
  const { b } = c;
  const row = b.shape(c.x(0)).length === 1;
  const column = b.shape(c.x(1)).length === 1;
  const a = row ? b.add('Unsqueeze', [c.x(0), b.longs([0])]) : c.x(0);
  const m = column ? b.add('Unsqueeze', [c.x(1), b.longs([1])]) : c.x(1);
  let dy = c.dy();
  if (column) dy = b.add('Unsqueeze', [dy, b.longs([-1])]);
  if (row) dy = b.add('Unsqueeze', [dy, b.longs([-2])]);
  return { a, m, dy };
}

const matMul: Rule = (c) => {
  const { b } = c;
  const { a, m, dy } = asMatrices(c);
  return [
    c.when(0, () => vectorLike(c, b.add('MatMul', [dy, transposed(b, m)]), 0)),
    c.when(1, () => vectorLike(c, rightGradient(b, a, m, dy), 1)),
  ];
};

/** aᵀ·dy; for one matrix shared by a batch, one product over the whole batch instead of a sum of many. */
function rightGradient(b: GraphBuilder, a: string, m: string, dy: string): string {
  const [left, right] = [b.shape(a), b.shape(m)];
  if (right.length === 2 && left.length > 2) {
    const flat = (value: string): string => {
      const shape = b.shape(value);
      const rows = shape.slice(0, -1).reduce(mulDims, 1 as Dim);
      return b.reshape(value, [rows, shape[shape.length - 1]]);
    };
    return b.add('MatMul', [transposed(b, flat(a)), flat(dy)]);
  }
  return b.add('MatMul', [transposed(b, a), dy]);
}

/** A gradient of a vector input, made as a matrix's, put back to the vector's shape. */
function vectorLike(c: RuleContext, gradient: string, input: number): string {
  const { b } = c;
  if (b.shape(c.x(input)).length > 1) return gradient;
  const rank = b.shape(gradient).length;
  const batch = Array.from({ length: rank - 2 }, (_, axis) => axis);
  const summed = batch.length === 0 ? gradient : sumOver(b, gradient, batch);
  return b.add('Reshape', [summed, b.longs([-1])]);
}

/** alpha·op(A)·op(B) + beta·C. */
const gemm: Rule = (c) => {
  const { b, node } = c;
  const alpha = floatAttr(node, 'alpha', 1);
  const transA = flagAttr(node, 'transA', false);
  const transB = flagAttr(node, 'transB', false);
  const product = (left: string, right: string, transLeft: boolean, transRight: boolean): string =>
    b.add('Gemm', [left, right], {
      alpha: float(alpha),
      transA: int(transLeft ? 1 : 0),
      transB: int(transRight ? 1 : 0),
    });
  return c.entries(
    c.when(0, () =>
      transA ? product(c.x(1), c.dy(), transB, true) : product(c.dy(), c.x(1), false, !transB),
    ),
    c.when(1, () =>
      transB ? product(c.dy(), c.x(0), true, transA) : product(c.x(0), c.dy(), !transA, false),
    ),
    c.when(2, () => scaled(b, c.dy(), floatAttr(node, 'beta', 1))),
  );
};

/** Each operand's gradient is the contraction of the output's with the other operands. */
const einsum: Rule = (c) => {
  const { b, node } = c;
  const [left, right] = stringAttr(node, 'equation').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (right === undefined || /\./.test(left) || terms.some((t) => new Set(t).size !== t.length)) {
    throw c.error('its equation needs an explicit result, no ellipsis and no repeated index in a term');
  }
  return terms.map((term, i) =>
    c.when(i, () => {
      const others = terms.filter((_, k) => k !== i);
      const known = new Set([...others.join(''), ...right]);
      const kept = [...term].filter((index) => known.has(index)).join('');
      const equation = `${[right, ...others].join(',')}->${kept}`;
      const inputs = [c.dy(), ...node.inputs.filter((_, k) => k !== i)];
      const contracted = b.add('Einsum', inputs, { equation: { type: 'string', value: equation } });
      const missing = [...term].flatMap((index, axis) => (known.has(index) ? [] : [axis]));
      return missing.length === 0 ? contracted : b.add('Unsqueeze', [contracted, b.longs(missing)]);
    }),
  );
};

export const linearRules: Readonly<Record<string, Rule>> = {
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matMul,
};
