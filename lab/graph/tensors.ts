import { GraphError } from './errors.ts';
import type { DType, Tensor, TensorData } from './ir.ts';

/** Making and reading tensors. */

const STORAGE = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

const INTEGER_RANGES: Partial<Record<DType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
};

/** ONNX's numbers for element types (TensorProto.DataType). */
const CODES: readonly (readonly [DType, number])[] = [
  ['float32', 1],
  ['uint8', 2],
  ['int8', 3],
  ['uint16', 4],
  ['int16', 5],
  ['int32', 6],
  ['int64', 7],
  ['bool', 9],
  ['float16', 10],
  ['float64', 11],
  ['uint32', 12],
  ['uint64', 13],
];

/** The element type of ONNX's number for it, as in `Cast`'s `to`; undefined for one that we don't have. */
export function dtypeOfCode(code: number): DType | undefined {
  return CODES.find(([, c]) => c === code)?.[0];
}

/** ONNX's number for an element type. */
export function codeOfDtype(dtype: DType): number {
  return CODES.find(([d]) => d === dtype)![1];
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((p, d) => p * d, 1);
}

/** Zeroed storage for `length` elements of a type. */
export function allocate(dtype: DType, length: number): TensorData {
  return new STORAGE[dtype](length);
}

/** Bytes that one element of a type takes. */
export function elementBytes(dtype: DType): number {
  return STORAGE[dtype].BYTES_PER_ELEMENT;
}

/** `length` elements of a type, seen in the bytes of `buffer` from `offset`, which its size must divide. */
export function viewElements(
  dtype: DType,
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
): TensorData {
  const View: new (buffer: ArrayBufferLike, offset: number, length: number) => TensorData = STORAGE[dtype];
  return new View(buffer, offset, length);
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16';
}

/** Integer or bool: can carry extents or indices. */
export function isInteger(dtype: DType): boolean {
  return !isFloat(dtype);
}

/** Smallest and largest value of an integer type of at most 32 bits; undefined for the others. */
export function integerRange(dtype: DType): readonly [number, number] | undefined {
  return INTEGER_RANGES[dtype];
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

function toBigInt(value: number, dtype: 'int64' | 'uint64'): bigint {
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : value > 0 ? UINT64_MAX : INT64_MIN;
  const low = dtype === 'int64' ? INT64_MIN : 0n;
  const high = dtype === 'int64' ? INT64_MAX : UINT64_MAX;
  return whole < low ? low : whole > high ? high : whole;
}

/**
 * A tensor from numbers. Floats are rounded to the type; 64-bit integers are truncated and held to their
 * range; narrower integers wrap as typed arrays do; bool is 0 or 1.
 */
export function tensorOf(dtype: DType, dims: readonly number[], values: ArrayLike<number>): Tensor {
  if (values.length !== elementCount(dims)) {
    throw new GraphError(`${values.length} values can't fill a tensor of shape [${dims.join(', ')}]`);
  }
  const data = allocate(dtype, values.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) data[i] = toBigInt(values[i]!, dtype as 'int64' | 'uint64');
  } else if (dtype === 'bool') {
    for (let i = 0; i < values.length; i++) data[i] = values[i] ? 1 : 0;
  } else {
    data.set(values);
  }
  return { dtype, dims, data };
}

/** A rank-1 int64 tensor: axes, a shape, pads. */
export function int64Vector(values: readonly number[]): Tensor {
  return tensorOf('int64', [values.length], values);
}

/** A rank-0 tensor. */
export function scalar(dtype: DType, value: number): Tensor {
  return tensorOf(dtype, [], [value]);
}

/** Storage whose elements are numbers. */
export type NumberArray = Exclude<TensorData, BigInt64Array | BigUint64Array>;

/** The elements as numbers: the tensor's own data where it holds numbers, else a copy (64-bit integers). */
export function numbersOf(tensor: Tensor): NumberArray {
  const { data } = tensor;
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return data;
  const numbers = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) numbers[i] = Number(data[i]);
  return numbers;
}

/** Row-major strides, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let stride = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= dims[i]!;
  }
  return strides;
}
