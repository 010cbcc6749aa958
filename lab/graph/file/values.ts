import { unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { TensorShapeProto_Dimension, ValueInfoProto } from '../generated/onnx_pb.js';
import { BFLOAT16 } from '../half.ts';
import type { Dim, ValueInfo } from '../ir.ts';
import { dtypeOfCode } from '../tensors.ts';
import { dataTypeName } from './tensors.ts';

/** Symbols that `dims.ts` reads as such: a name, or a whole multiple of one. */
const SYMBOL = /^([1-9]\d*\*)?[^*?\p{Cc}]+$/u;

function decodeDim(dim: TensorShapeProto_Dimension, name: string): Dim {
  const { value } = dim;
  if (value.case === 'dimParam' && value.value !== '') {
    return SYMBOL.test(value.value) ? value.value : value.value.replace(/[*?\p{Cc}]/gu, '_');
  }
  if (value.case !== 'dimValue' || value.value < 0n) return unknownDim();
  const extent = Number(value.value);
  if (extent > 2 ** 40) throw new GraphError(`Value '${name}' has an impossible extent ${value.value}`);
  return extent;
}

/**
 * A typed value of the file. An extent without value or name, or a negative one, becomes a fresh unknown.
 * GraphError when it is no tensor or its elements are of a type that no graph may hold.
 */
export function decodeValue(proto: ValueInfoProto): ValueInfo {
  const tensor = proto.type?.tensorType;
  const name = proto.name;
  if (tensor === undefined) {
    throw new GraphError(`Value '${name}' is not a tensor; sequences, maps and optionals are not supported`);
  }
  const code = tensor.elemType;
  const dtype = code === BFLOAT16 ? 'float32' : dtypeOfCode(code);
  if (dtype === undefined) {
    throw new GraphError(`Value '${name}' has elements of type ${dataTypeName(code)}, which we can't handle`);
  }
  const shape = tensor.shape === undefined ? null : tensor.shape.dim.map((dim) => decodeDim(dim, name));
  return { name, dtype, shape };
}
