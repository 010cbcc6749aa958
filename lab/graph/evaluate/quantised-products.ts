import type { Node, Tensor } from '../ir.ts';
import { broadcastIndex, type Call, input, type Kernel, type Kernels, numbers, result } from './call.ts';
import { convolveTensors } from './conv.ts';
import { matMul } from './linear.ts';
import { saturate } from './quantise.ts';

/** Convolutions and products of quantised tensors; their sums are whole numbers, exact in float64. */

/** x minus its zero point: a scalar, one for each row of the last two axes (`rows`), or none. */
function centred(call: Call, x: number, zeroPoint: number, vectorAxis: (rank: number) => number): Tensor {
  const tensor = input(call, x);
  const { dims } = tensor;
  if (!call.inputs[zeroPoint]) return { dtype: 'float64', dims, data: Float64Array.from(numbers(call, x)) };
  const at = vectorIndex(input(call, zeroPoint).dims, dims, vectorAxis(dims.length));
  const zero = numbers(call, zeroPoint);
  return { dtype: 'float64', dims, data: Float64Array.from(numbers(call, x), (v, i) => v - zero[at[i]!]!) };
}

/** Place in a parameter (a scalar, or a vector along `axis`) of each element of a value of shape `dims`. */
function vectorIndex(parameter: readonly number[], dims: readonly number[], axis: number): Int32Array {
  if (parameter.length !== 1 || parameter[0] === 1)
    return broadcastIndex(parameter.length > 1 ? parameter : [], dims);
  return broadcastIndex([parameter[0]!, ...dims.slice(axis + 1).map(() => 1)], dims);
}

const first = () => 0;
const rows = (rank: number) => Math.max(0, rank - 2);
const columns = (rank: number) => rank - 1;

const convInteger: Kernel = (call) => [
  result(call, convolveTensors(call.node, centred(call, 0, 2, first), centred(call, 1, 3, first))),
];

const matMulInteger: Kernel = (call) => [
  result(call, matMul(centred(call, 0, 2, rows), centred(call, 1, 3, columns))),
];

/** Scales sums by the factors' scales over the output's, and quantises them. */
function requantise(call: Call, sums: Float64Array, axis: number): Tensor {
  const { dtype, dims } = call.outputs[0]!;
  const scales = [1, 4, 6].map((k) => numbers(call, k));
  const at = [1, 4].map((k, i) => vectorIndex(input(call, k).dims, dims, i === 0 ? rows(dims.length) : axis));
  const zero = call.inputs[7] ? numbers(call, 7)[0]! : 0;
  return result(
    call,
    sums.map((sum, i) => {
      const scale = Math.fround((scales[0]![at[0]![i]!]! * scales[1]![at[1]![i]!]!) / scales[2]![0]!);
      return saturate(dtype, Math.fround(sum * scale), zero);
    }),
  );
}

const qLinearConv: Kernel = (call) => {
  const node: Node = call.node;
  const sums = convolveTensors(node, centred(call, 0, 2, first), centred(call, 3, 5, first), call.inputs[8]);
  return [requantise(call, sums, 1)];
};

const qLinearMatMul: Kernel = (call) => {
  const sums = matMul(centred(call, 0, 2, rows), centred(call, 3, 5, columns));
  return [requantise(call, sums, call.outputs[0]!.dims.length - 1)];
};

export const quantisedProductKernels: Kernels = {
  ConvInteger: convInteger,
  MatMulInteger: matMulInteger,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
};
