import type { Attribute, Graph, Node, Tensor, ValueType } from './ir.ts';
import { codeOfDtype } from './tensors.ts';

/** Number of bfloat16 in ONNX's `TensorProto.DataType`; no tensor in memory is of it. */
export const BFLOAT16 = 16;

const FLOAT = codeOfDtype('float32');
const OTHER_FLOATS = [codeOfDtype('float16'), codeOfDtype('float64'), BFLOAT16];
/** Attributes that name an element type; 0 and absence mean "as the operator says". */
const TYPE_ATTRIBUTES = ['to', 'dtype', 'output_dtype', 'stash_type', 'softmax_precision'];

/**
 * Float32 values of IEEE half floats given as their bits; exact, infinities and NaN included.
 */
export function halfToFloat(bits: Uint16Array): Float32Array {
  // Node's typed arrays know halves since version 24; the browser and Node 20 don't all, so by hand:
  // a half's value is its float32 twin with the exponent rebased, scaled by 2^112, which subnormals need too.
  const out = new Float32Array(bits.length);
  const words = new Uint32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i]!;
    const sign = (half & 0x8000) << 16;
    const magnitude = (half & 0x7fff) << 13;
    if (magnitude >= 0x0f800000) {
      words[i] = sign | magnitude | 0x7f800000;
    } else {
      words[i] = sign | magnitude;
      out[i]! *= 2 ** 112;
    }
  }
  return out;
}

/** Float32 values of bfloat16 given as their bits: the upper half of a float32. */
export function bfloatToFloat(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

function widenTensor(tensor: Tensor): Tensor {
  if (tensor.dtype === 'float16') {
    return { dtype: 'float32', dims: tensor.dims, data: halfToFloat(tensor.data as Uint16Array) };
  }
  if (tensor.dtype === 'float64') {
    return { dtype: 'float32', dims: tensor.dims, data: Float32Array.from(tensor.data as Float64Array) };
  }
  return tensor;
}

function widenAttribute(name: string, attribute: Attribute): Attribute {
  if (attribute.type === 'tensor') return { type: 'tensor', value: widenTensor(attribute.value) };
  const namesType = TYPE_ATTRIBUTES.includes(name) && attribute.type === 'int';
  return namesType && OTHER_FLOATS.includes(attribute.value) ? { type: 'int', value: FLOAT } : attribute;
}

function widenNode(node: Node): Node {
  const attributes: Record<string, Attribute> = {};
  for (const [name, attribute] of Object.entries(node.attributes)) {
    attributes[name] = widenAttribute(name, attribute);
  }
  return { ...node, attributes };
}

function widenType<T extends ValueType>(value: T): T {
  const floating = value.dtype === 'float16' || value.dtype === 'float64';
  return floating ? { ...value, dtype: 'float32' } : value;
}

/**
 * Makes the graph compute in float32 alone, in place: float16 and float64 constants, inputs, outputs and the
 * types that Cast and its like name become float32. (bfloat16 became float32 on reading.) Float64 values are
 * rounded, those beyond float32's range to infinity. Integer and boolean tensors stay.
 */
export function widenHalf(graph: Graph): void {
  graph.inputs = graph.inputs.map(widenType);
  graph.outputs = graph.outputs.map(widenType);
  for (const [name, tensor] of graph.initializers) graph.initializers.set(name, widenTensor(tensor));
  graph.nodes = graph.nodes.map(widenNode);
  for (const [name, type] of graph.types) graph.types.set(name, widenType(type));
}
