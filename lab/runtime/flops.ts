import { isStatic } from '../graph/dims.ts';
import type { Dim, Graph, Node } from '../graph/ir.ts';
import { inferShapes } from '../graph/shapes/index.ts';

/**
 * Floating-point operations of a forward pass: two for each multiplication of the convolutions and matrix products,
 * which are all but a few in a hundred. Undefined where a shape isn't known. `graph` gets the batch written in.
 */
export function forwardFlops(graph: Graph, batch: number): number | undefined {
  graph.inputs = graph.inputs.map((input) => {
    const [first, ...rest] = input.shape ?? [];
    return typeof first === 'string' ? { ...input, shape: [batch, ...rest] } : input;
  });
  inferShapes(graph);
  let total = 0;
  for (const node of graph.nodes) {
    const multiplications = count(graph, node);
    if (multiplications === undefined) return undefined;
    total += 2 * multiplications;
  }
  return total;
}

function count(graph: Graph, node: Node): number | undefined {
  const shape = (name: string | undefined): readonly Dim[] | null =>
    name === undefined ? null : (graph.initializers.get(name)?.dims ?? graph.types.get(name)?.shape ?? null);
  const [left, right] = [shape(node.inputs[0]), shape(node.inputs[1])];
  const out = shape(node.outputs[0]);
  const size = (dims: readonly Dim[] | null) =>
    isStatic(dims) ? dims.reduce((product, extent) => product * extent, 1) : undefined;
  const times = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a * b;
  switch (node.op) {
    // Weights are [out, in / groups, …kernel]: each output value takes one filter.
    case 'Conv':
      return times(size(out), size(right?.slice(1) ?? null));
    // Weights are [in, out / groups, …kernel]: each input value is spread by one filter.
    case 'ConvTranspose':
      return times(size(left), size(right?.slice(1) ?? null));
    case 'MatMul':
      return times(size(out), size(left?.slice(-1) ?? null));
    case 'Gemm': {
      const transposed = node.attributes.transA;
      const inner = transposed?.type === 'int' && transposed.value === 1 ? left?.[0] : left?.[1];
      return times(size(out), typeof inner === 'number' ? inner : undefined);
    }
    default:
      return 0;
  }
}
