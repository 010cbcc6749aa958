import { flagAttr, stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Dim, DType, Node } from '../ir.ts';
import { broadcastShapes, unifyDims } from './broadcast.ts';
import { parseEinsum } from './einsum.ts';
import { expectRank, hasInput, type InferenceRule, type Site, shapeText, typeOf } from './inputs.ts';

/** Matrix products. */

function swapLast(shape: readonly Dim[], swap: boolean): Dim[] {
  const rank = shape.length;
  if (!swap || rank < 2) return [...shape];
  return [...shape.slice(0, rank - 2), shape[rank - 1]!, shape[rank - 2]!];
}

/** Shape of a product of stacks of matrices, numpy's way. */
export function matMulShape(node: Node, a: readonly Dim[] | null, b: readonly Dim[] | null): Dim[] | null {
  if (!a || !b) return null;
  if (a.length === 0 || b.length === 0) throw new GraphError('A scalar has no matrix product', { node });
  const left = a.length === 1 ? [1, a[0]!] : a;
  const right = b.length === 1 ? [b[0]!, 1] : b;
  unifyDims(node, left.at(-1)!, right.at(-2)!, `Inner extents of ${shapeText(a)} and ${shapeText(b)}`);
  const batch = broadcastShapes(node, [left.slice(0, -2), right.slice(0, -2)])!;
  if (a.length > 1) batch.push(left.at(-2)!);
  if (b.length > 1) batch.push(right.at(-1)!);
  return batch;
}

function product(dtype: (site: Site) => DType, second = 1): InferenceRule {
  return (site) => [
    { dtype: dtype(site), shape: matMulShape(site.node, typeOf(site, 0).shape, typeOf(site, second).shape) },
  ];
}

const inferGemm: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape: a } = typeOf(site, 0);
  const b = typeOf(site, 1).shape;
  expectRank(node, a, 2);
  expectRank(node, b, 2);
  if (!a || !b) return [{ dtype, shape: null }];
  const left = swapLast(a, flagAttr(node, 'transA', false));
  const right = swapLast(b, flagAttr(node, 'transB', false));
  unifyDims(node, left[1]!, right[0]!, `Inner extents of ${shapeText(a)} and ${shapeText(b)}`);
  const shape = [left[0]!, right[1]!];
  if (hasInput(site, 2)) broadcastShapes(node, [shape, typeOf(site, 2).shape]);
  return [{ dtype, shape }];
};

const inferFusedMatMul: InferenceRule = (site) => {
  const { node } = site;
  if (flagAttr(node, 'transBatchA', false) || flagAttr(node, 'transBatchB', false)) {
    throw new GraphError('transBatchA and transBatchB are not supported', { node });
  }
  const { dtype, shape: a } = typeOf(site, 0);
  const b = typeOf(site, 1).shape;
  const left = a && swapLast(a, flagAttr(node, 'transA', false));
  const right = b && swapLast(b, flagAttr(node, 'transB', false));
  return [{ dtype, shape: matMulShape(node, left, right) }];
};

const inferEinsum: InferenceRule = (site) => {
  const { node } = site;
  const { dtype } = typeOf(site, 0);
  const shapes = node.inputs.map((_, i) => typeOf(site, i).shape);
  const ranks = shapes.map((shape) => shape?.length);
  if (ranks.some((rank) => rank === undefined)) return [{ dtype, shape: null }];
  const { operands, output } = parseEinsum(node, stringAttr(node, 'equation'), ranks as number[]);
  const extents = new Map<string, Dim>();
  operands.forEach((labels, operand) => {
    labels.forEach((label, axis) => {
      const extent = shapes[operand]![axis]!;
      const known = extents.get(label);
      const both = known === undefined ? [extent] : broadcastShapes(node, [[known], [extent]])!;
      extents.set(label, both[0]!);
    });
  });
  return [{ dtype, shape: output.map((label) => extents.get(label)!) }];
};

/** a, its scale and zero point, b, its scale and zero point, the output's scale and zero point. */
const inferQLinearMatMul = product((site) => typeOf(site, 7).dtype, 3);

export const linearInference: Readonly<Record<string, InferenceRule>> = {
  MatMul: product((site) => typeOf(site, 0).dtype),
  MatMulInteger: product(() => 'int32'),
  QLinearMatMul: inferQLinearMatMul,
  Gemm: inferGemm,
  FusedMatMul: inferFusedMatMul,
  Einsum: inferEinsum,
};
