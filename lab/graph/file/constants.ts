import { GraphError } from '../errors.ts';
import type { Attribute, Graph, Node, Tensor } from '../ir.ts';

function toTensor(name: string, attribute: Attribute, node: Node): Tensor {
  if (attribute.type === 'tensor' && name === 'value') return attribute.value;
  if (attribute.type === 'float') {
    return { dtype: 'float32', dims: [], data: Float32Array.of(attribute.value) };
  }
  if (attribute.type === 'floats') {
    return { dtype: 'float32', dims: [attribute.value.length], data: Float32Array.from(attribute.value) };
  }
  if (attribute.type === 'int') {
    return { dtype: 'int64', dims: [], data: BigInt64Array.of(BigInt(attribute.value)) };
  }
  if (attribute.type === 'ints') {
    const data = BigInt64Array.from(attribute.value, BigInt);
    return { dtype: 'int64', dims: [attribute.value.length], data };
  }
  throw new GraphError(`A constant of kind '${name}' (${attribute.type}) is not supported`, { node });
}

/** Replaces Constant nodes by initializers, in place. GraphError for string and sparse constants. */
export function constantsToInitializers(graph: Graph): void {
  graph.nodes = graph.nodes.filter((node) => {
    if (node.op !== 'Constant' || node.domain !== '') return true;
    const entries = Object.entries(node.attributes);
    const output = node.outputs[0] ?? '';
    if (entries.length !== 1 || node.outputs.length !== 1 || output === '') {
      throw new GraphError('A constant needs one value and one output', { node });
    }
    if (graph.initializers.has(output)) throw new GraphError(`Value '${output}' is assigned twice`, { node });
    const [name, attribute] = entries[0]!;
    graph.initializers.set(output, toTensor(name, attribute, node));
    return false;
  });
}
