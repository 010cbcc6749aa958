import { GraphError } from '../errors.ts';
import type { Attributes, Node, Tensor } from '../ir.ts';
import { codeOfDtype, scalar } from '../tensors.ts';

/** Rewriting a graph's parts from float32 to float64, for the reference evaluation. */

/** The tensor in float64 if it is float32, else itself. */
export function widenTensor(tensor: Tensor): Tensor {
  if (tensor.dtype !== 'float32') return tensor;
  return { dtype: 'float64', dims: tensor.dims, data: Float64Array.from(tensor.data as Float32Array) };
}

const FLOAT32 = codeOfDtype('float32');
const FLOAT64 = codeOfDtype('float64');

/** Attributes that name an element type by its number. */
const TYPE_ATTRIBUTES = new Set(['to', 'dtype']);

/** The node with its tensor attributes in float64, and float64 for float32 where it names a type. */
export function widenNode(node: Node): Node {
  if (node.op === 'DynamicQuantizeLinear') {
    throw new GraphError('This operator has no float64 reference', { node, code: 'unsupported-operator' });
  }
  const attributes: Record<string, Attributes[string]> = {};
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (attribute.type === 'tensor')
      attributes[name] = { type: 'tensor', value: widenTensor(attribute.value) };
    else if (attribute.type === 'int' && TYPE_ATTRIBUTES.has(name) && attribute.value === FLOAT32) {
      attributes[name] = { type: 'int', value: FLOAT64 };
    } else if (node.op === 'Constant' && attribute.type === 'float') {
      attributes.value = { type: 'tensor', value: scalar('float64', attribute.value) };
    } else if (node.op === 'Constant' && attribute.type === 'floats') {
      const data = Float64Array.from(attribute.value);
      attributes.value = { type: 'tensor', value: { dtype: 'float64', dims: [data.length], data } };
    } else attributes[name] = attribute;
  }
  if (node.op === 'ConstantOfShape' && !attributes.value) {
    attributes.value = { type: 'tensor', value: scalar('float64', 0) };
  }
  return { ...node, attributes };
}
