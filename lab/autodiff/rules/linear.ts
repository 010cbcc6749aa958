import { flagAttr, floatAttr, stringAttr } from '../../graph/attributes.ts';
import { float, type GraphBuilder, int, ints, string } from '../../graph/builder.ts';
import { mulDims } from '../../graph/dims.ts';
import type { Dim } from '../../graph/ir.ts';
import { parseEinsum } from '../../graph/shapes/einsum.ts';
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
  const ranks = node.inputs.map((input) => b.shape(input).length);
  const { operands, output } = parseEinsum(node, stringAttr(node, 'equation'), ranks);
  if ([output, ...operands].some((term) => new Set(term).size !== term.length)) {
    throw c.error('an index that is repeated within a term (a diagonal) has no gradient here');
  }
  // Every axis gets a letter, those of an ellipsis too.
  const letters = new Map([...new Set(operands.flat())].map((label, i) => [label, LETTERS[i]!]));
  const text = (term: readonly string[]) => term.map((label) => letters.get(label)!).join('');
  return operands.map((term, i) =>
    c.when(i, () => {
      const others = operands.filter((_, k) => k !== i);
      const known = new Set([...others.flat(), ...output]);
      const equation = `${[output, ...others].map(text).join(',')}->${text(term.filter((l) => known.has(l)))}`;
      const inputs = [c.dy(), ...node.inputs.filter((_, k) => k !== i)];
      const contracted = b.add('Einsum', inputs, { equation: string(equation) });
      // An axis that was summed away alone: its gradient is the same all along it, and the walker repeats it.
      const missing = term.flatMap((label, axis) => (known.has(label) ? [] : [axis]));
      return missing.length === 0 ? contracted : b.add('Unsqueeze', [contracted, b.longs(missing)]);
    }),
  );
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export const linearRules: Readonly<Record<string, Rule>> = {
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matMul,
};
