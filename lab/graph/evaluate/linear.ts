import { flagAttr, floatAttr, stringAttr } from '../attributes.ts';
import type { Tensor } from '../ir.ts';
import { parseEinsum } from '../shapes/einsum.ts';
import { elementCount, numbersOf, stridesOf } from '../tensors.ts';
import {
  broadcastIndex,
  input,
  type Kernel,
  type Kernels,
  numbers,
  optionalNumbers,
  result,
  stridedIndex,
} from './call.ts';

/** Matrix products. */

/** A stack of matrices: offsets of the matrices, and steps between rows and columns. */
interface Matrices {
  readonly data: ArrayLike<number>;
  readonly offsets: Int32Array;
  readonly rowStep: number;
  readonly columnStep: number;
}

function matrices(
  tensor: Tensor,
  dims: readonly number[],
  batch: readonly number[],
  transposed: boolean,
): Matrices {
  const rows = dims.at(-2)!;
  const columns = dims.at(-1)!;
  const offsets = broadcastIndex(dims.slice(0, -2), batch).map((i) => i * rows * columns);
  const data = numbersOf(tensor);
  return { data, offsets, rowStep: transposed ? 1 : columns, columnStep: transposed ? columns : 1 };
}

function multiply(a: Matrices, b: Matrices, m: number, k: number, n: number): Float64Array {
  const y = new Float64Array(a.offsets.length * m * n);
  for (let stack = 0; stack < a.offsets.length; stack++) {
    for (let i = 0; i < m; i++) {
      const row = (stack * m + i) * n;
      for (let p = 0; p < k; p++) {
        const factor = a.data[a.offsets[stack]! + i * a.rowStep + p * a.columnStep]!;
        const from = b.offsets[stack]! + p * b.rowStep;
        for (let j = 0; j < n; j++) y[row + j]! += factor * b.data[from + j * b.columnStep]!;
      }
    }
  }
  return y;
}

/** The product of two tensors as numpy's matmul has it, with either's last two axes swapped on request. */
export function matMul(a: Tensor, b: Tensor, transA = false, transB = false): Float64Array {
  const left = a.dims.length === 1 ? [1, a.dims[0]!] : a.dims;
  const right = b.dims.length === 1 ? [b.dims[0]!, 1] : b.dims;
  const rank = Math.max(left.length, right.length) - 2;
  const batch = Array.from({ length: rank }, (_, i) => {
    const x = left[i - rank + left.length - 2] ?? 1;
    const y = right[i - rank + right.length - 2] ?? 1;
    return x === 1 ? y : x;
  });
  const m = left.at(transA && a.dims.length > 1 ? -1 : -2)!;
  const k = left.at(transA && a.dims.length > 1 ? -2 : -1)!;
  const n = right.at(transB && b.dims.length > 1 ? -2 : -1)!;
  const swapA = transA && a.dims.length > 1;
  const swapB = transB && b.dims.length > 1;
  return multiply(matrices(a, left, batch, swapA), matrices(b, right, batch, swapB), m, k, n);
}

const matMulKernel: Kernel = (call) => [result(call, matMul(input(call, 0), input(call, 1)))];

const fusedMatMul: Kernel = (call) => {
  const { node } = call;
  const alpha = floatAttr(node, 'alpha', 1);
  const [transA, transB] = [flagAttr(node, 'transA', false), flagAttr(node, 'transB', false)];
  return [
    result(
      call,
      matMul(input(call, 0), input(call, 1), transA, transB).map((v) => alpha * v),
    ),
  ];
};

const gemm: Kernel = (call) => {
  const { node, outputs } = call;
  const alpha = floatAttr(node, 'alpha', 1);
  const beta = floatAttr(node, 'beta', 1);
  const [transA, transB] = [flagAttr(node, 'transA', false), flagAttr(node, 'transB', false)];
  const y = matMul(input(call, 0), input(call, 1), transA, transB);
  const c = optionalNumbers(call, 2);
  if (!c)
    return [
      result(
        call,
        y.map((v) => alpha * v),
      ),
    ];
  const at = broadcastIndex(input(call, 2).dims, outputs[0]!.dims);
  return [
    result(
      call,
      y.map((v, i) => alpha * v + beta * c[at[i]!]!),
    ),
  ];
};

/** Steps of an operand along each label; a repeated label walks its diagonal. */
function labelSteps(labels: readonly string[], dims: readonly number[], order: readonly string[]): number[] {
  const strides = stridesOf(dims);
  return order.map((label) =>
    labels.reduce((sum, own, axis) => (own === label && dims[axis] !== 1 ? sum + strides[axis]! : sum), 0),
  );
}

const einsum: Kernel = (call) => {
  const { node, inputs, outputs } = call;
  const tensors = inputs.map((_, k) => input(call, k));
  const equation = stringAttr(node, 'equation');
  const ranks = tensors.map((t) => t.dims.length);
  const { operands, output } = parseEinsum(node, equation, ranks);
  const summed = [...new Set(operands.flat())].filter((label) => !output.includes(label));
  const order = [...output, ...summed];
  const extents = order.map((label) =>
    Math.max(
      ...operands.flatMap((labels, k) => tensors[k]!.dims.filter((_, axis) => labels[axis] === label)),
    ),
  );
  const terms = operands.map((labels, k) => {
    const steps = labelSteps(labels, tensors[k]!.dims, order);
    return { data: numbers(call, k), at: stridedIndex(extents, steps, 0) };
  });
  const y = new Float64Array(elementCount(outputs[0]!.dims));
  const inner = elementCount(extents.slice(output.length));
  for (let i = 0; i < y.length * inner; i++) {
    let product = 1;
    for (const { data, at } of terms) product *= data[at[i]!]!;
    y[Math.floor(i / inner)]! += product;
  }
  return [result(call, y)];
};

export const linearKernels: Kernels = {
  MatMul: matMulKernel,
  Gemm: gemm,
  Einsum: einsum,
  FusedMatMul: fusedMatMul,
};
