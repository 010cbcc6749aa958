import type { DType, TensorData } from '../ir.ts';

/** What the file format and memory know of one element type. */
export interface ElementType {
  readonly dtype: DType;
  /** Number in the format's `TensorProto.DataType`. */
  readonly code: number;
  readonly bytes: number;
  readonly array: new (buffer: ArrayBufferLike, offset: number, length: number) => TensorData;
}

/** Every element type that a graph may hold. */
const ELEMENT_TYPES: readonly ElementType[] = [
  { dtype: 'float32', code: 1, bytes: 4, array: Float32Array },
  { dtype: 'uint8', code: 2, bytes: 1, array: Uint8Array },
  { dtype: 'int8', code: 3, bytes: 1, array: Int8Array },
  { dtype: 'uint16', code: 4, bytes: 2, array: Uint16Array },
  { dtype: 'int16', code: 5, bytes: 2, array: Int16Array },
  { dtype: 'int32', code: 6, bytes: 4, array: Int32Array },
  { dtype: 'int64', code: 7, bytes: 8, array: BigInt64Array },
  { dtype: 'bool', code: 9, bytes: 1, array: Uint8Array },
  { dtype: 'float16', code: 10, bytes: 2, array: Uint16Array },
  { dtype: 'float64', code: 11, bytes: 8, array: Float64Array },
  { dtype: 'uint32', code: 12, bytes: 4, array: Uint32Array },
  { dtype: 'uint64', code: 13, bytes: 8, array: BigUint64Array },
];

/** Code of bfloat16, which becomes float32 on reading. */
export const BFLOAT16 = 16;

const byCode = new Map(ELEMENT_TYPES.map((type) => [type.code, type]));
const byDType = new Map(ELEMENT_TYPES.map((type) => [type.dtype, type]));

/** The element type with this number in the file format; undefined when no graph may hold it. */
export function elementTypeOfCode(code: number): ElementType | undefined {
  return byCode.get(code);
}

/** The element type of this name. */
export function elementTypeOf(dtype: DType): ElementType {
  return byDType.get(dtype)!;
}
