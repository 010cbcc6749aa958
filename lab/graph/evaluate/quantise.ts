import { intAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { DType, Tensor } from '../ir.ts';
import { integerRange, scalar, tensorOf } from '../tensors.ts';
import {
  broadcastIndex,
  type Call,
  frontAxis,
  input,
  type Kernel,
  type Kernels,
  numbers,
  optionalNumbers,
  result,
  roundHalfEven,
} from './call.ts';

/** Quantisation to integers and back. */

/** Position in the scale (a scalar, or a vector along the axis) of each element of x. */
function scaleIndex(call: Call): Int32Array {
  const { dims } = input(call, 0);
  const scale = input(call, 1).dims;
  if (scale.length === 0 || scale[0] === 1) return broadcastIndex([], dims);
  const axis = frontAxis(intAttr(call.node, 'axis', 1), dims.length);
  return broadcastIndex([scale[0]!, ...dims.slice(axis + 1).map(() => 1)], dims);
}

/** Rounds (ties to even), moves by the zero point, and holds to the type's range. */
export function saturate(dtype: DType, value: number, zeroPoint: number): number {
  const range = integerRange(dtype);
  const moved = roundHalfEven(value) + zeroPoint;
  return range ? Math.min(Math.max(moved, range[0]), range[1]) : moved;
}

const quantize: Kernel = (call) => {
  const { dtype } = call.outputs[0]!;
  if (!integerRange(dtype))
    throw new GraphError(`Quantising to ${dtype} is not supported`, { node: call.node });
  const x = input(call, 0);
  const values = numbers(call, 0);
  const scale = numbers(call, 1);
  const zero = optionalNumbers(call, 2);
  const at = scaleIndex(call);
  // Ties must fall as they do in float32.
  const round = x.dtype === 'float32' ? Math.fround : (v: number) => v;
  const y = Float64Array.from(values, (v, i) => {
    const k = at[i]!;
    return saturate(dtype, round(v / scale[k]!), zero?.[k] ?? 0);
  });
  return [result(call, y)];
};

const dequantize: Kernel = (call) => {
  const scale = numbers(call, 1);
  const zero = optionalNumbers(call, 2);
  const at = scaleIndex(call);
  const y = Float64Array.from(numbers(call, 0), (v, i) => (v - (zero?.[at[i]!] ?? 0)) * scale[at[i]!]!);
  return [result(call, y)];
};

const dynamicQuantize: Kernel = (call): Tensor[] => {
  const { dims } = input(call, 0);
  const x = numbers(call, 0);
  let low = 0;
  let high = 0;
  for (const v of x) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  const scale = Math.fround((high - low) / 255);
  const zero = scale === 0 ? 0 : saturate('uint8', Math.fround(-low / scale), 0);
  const y = Float64Array.from(x, (v) => (scale === 0 ? 0 : saturate('uint8', Math.fround(v / scale), zero)));
  return [tensorOf('uint8', dims, y), scalar('float32', scale), scalar('uint8', zero)];
};

export const quantiseKernels: Kernels = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
};
