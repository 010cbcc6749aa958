import { GraphError } from '../errors.ts';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from '../generated/onnx_pb.js';
import { BFLOAT16, bfloatToFloat } from '../half.ts';
import type { DType, Tensor, TensorData } from '../ir.ts';
import { allocate, dtypeOfCode, elementBytes, viewElements } from '../tensors.ts';
import { externalBytes, type ReadExternal } from './external.ts';

/** Name of an element type of the file format, for errors: `STRING`, `INT4`, or its number. */
export function dataTypeName(code: number): string {
  return TensorProto_DataType[code] ?? `number ${code}`;
}

/** More axes than any tensor has; also keeps dims short enough for an error's one line. */
const HIGHEST_RANK = 64;

function checkedCount(dims: readonly bigint[], name: string): number {
  if (dims.length > HIGHEST_RANK) throw new GraphError(`Tensor '${name}' has ${dims.length} axes`);
  if (dims.some((dim) => dim < 0n)) {
    throw new GraphError(`Tensor '${name}' has a negative extent in its dims [${dims.join(', ')}]`);
  }
  const count = dims.reduce((product, dim) => product * dim, 1n);
  // Extents themselves are bounded too: beside a zero, a huge one would pass as part of the product.
  if ([count, ...dims].some((value) => value > BigInt(2 ** 40))) {
    throw new GraphError(`Tensor '${name}' has impossible dims [${dims.join(', ')}]`);
  }
  return Number(count);
}

/** Typed view of little-endian bytes; a copy only where they are not aligned to the element's size. */
function viewBytes(bytes: Uint8Array, dtype: DType, count: number): TensorData {
  const aligned = bytes.byteOffset % elementBytes(dtype) === 0 ? bytes : new Uint8Array(bytes);
  return viewElements(dtype, aligned.buffer, aligned.byteOffset, count);
}

/** Values from the list field that this element type is kept in. */
function listedValues(proto: TensorProto, dtype: DType): ArrayLike<number> | ArrayLike<bigint> {
  switch (dtype) {
    case 'float32':
      return proto.floatData;
    case 'float64':
      return proto.doubleData;
    case 'int64':
      return proto.int64Data;
    case 'uint64':
      return proto.uint64Data;
    case 'uint32':
      return proto.uint64Data.map(Number);
    default:
      return proto.int32Data;
  }
}

function storedData(
  proto: TensorProto,
  dtype: DType,
  count: number,
  external: ReadExternal | undefined,
): TensorData {
  const expected = count * elementBytes(dtype);
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    return viewBytes(externalBytes(proto, expected, external), dtype, count);
  }
  const dims = proto.dims.join(', ');
  const raw = proto.rawData;
  if (raw.byteLength > 0) {
    if (raw.byteLength !== expected) {
      throw new GraphError(
        `Tensor '${proto.name}' has ${raw.byteLength} bytes where its dims [${dims}] ask for ${expected}`,
      );
    }
    return viewBytes(raw, dtype, count);
  }
  const values = listedValues(proto, dtype);
  if (values.length !== count) {
    throw new GraphError(
      `Tensor '${proto.name}' has ${values.length} values where its dims [${dims}] ask for ${count}`,
    );
  }
  const data = allocate(dtype, count);
  (data as { set(source: ArrayLike<number | bigint>): void }).set(values);
  return data;
}

/**
 * A tensor of the file. Its data are a view of the file's bytes where their alignment allows, so the bytes
 * must not change afterwards; bfloat16 becomes float32. GraphError for element types that no graph may hold
 * (strings, complex, float8, int4 …), dims that are negative or huge, and data of another length than they ask for.
 */
export function decodeTensor(proto: TensorProto, external: ReadExternal | undefined): Tensor {
  const bfloat = proto.dataType === BFLOAT16;
  const dtype = bfloat ? 'uint16' : dtypeOfCode(proto.dataType);
  if (dtype === undefined) {
    throw new GraphError(
      `Tensor '${proto.name}' has elements of type ${dataTypeName(proto.dataType)}, which we can't handle`,
    );
  }
  if (proto.segment !== undefined) throw new GraphError(`Tensor '${proto.name}' is stored in segments`);
  const count = checkedCount(proto.dims, proto.name);
  const data = storedData(proto, dtype, count, external);
  const dims = proto.dims.map(Number);
  if (bfloat) return { dtype: 'float32', dims, data: bfloatToFloat(data as Uint16Array) };
  return { dtype, dims, data };
}
