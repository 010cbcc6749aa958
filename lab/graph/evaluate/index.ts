import { isStatic } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Graph, Node, Tensor } from '../ir.ts';
import { inferNode } from '../shapes/infer-node.ts';
import type { OutputType } from './call.ts';
import { kernelOf } from './table.ts';
import { widenNode, widenTensor } from './widen.ts';

/** What inference says of the node's outputs when its inputs are these. NonZero's extent depends on values. */
function outputTypes(node: Node, inputs: readonly (Tensor | undefined)[]): OutputType[] {
  const named = new Map(node.inputs.map((name, i) => [name, inputs[i]]));
  const inferred = inferNode(node, {
    type: (name) => {
      const tensor = named.get(name);
      return tensor && { dtype: tensor.dtype, shape: tensor.dims };
    },
    constant: (name) => named.get(name),
    shapeValue: () => undefined,
  });
  return inferred.map(({ dtype, shape }) => {
    if (isStatic(shape)) return { dtype, dims: shape };
    if (node.op === 'NonZero') return { dtype, dims: [] };
    throw new GraphError("The output's shape can't be worked out", { node });
  });
}

/**
 * Evaluates one node on constants. float64 stays float64 (used as reference), float32 stays float32; sums
 * are kept in float64. An omitted optional input is undefined.
 *
 * @throws GraphError 'unsupported-operator' for an operator that can't be evaluated; GraphError for inputs
 * that don't fit it.
 */
export function evaluateNode(node: Node, inputs: readonly (Tensor | undefined)[]): Tensor[] {
  const kernel = kernelOf(node.domain, node.op);
  if (!kernel)
    throw new GraphError("This operator can't be evaluated", { node, code: 'unsupported-operator' });
  const outputs = kernel({ node, inputs, outputs: outputTypes(node, inputs) });
  return outputs.slice(0, node.outputs.length);
}

/**
 * Evaluates the graph on feeds. With `float64`, float32 feeds, initializers and tensor attributes are widened
 * first and Cast to float32 means float64: the reference that gradients are tested against. Returns every
 * requested value (default: the graph's outputs).
 *
 * @throws GraphError for a missing feed, an unknown fetch, or a node that can't be evaluated.
 */
export function evaluateGraph(
  graph: Graph,
  feeds: Record<string, Tensor>,
  options: { float64?: boolean; fetches?: string[] } = {},
): Map<string, Tensor> {
  const widen = options.float64 ? widenTensor : (tensor: Tensor) => tensor;
  const values = new Map<string, Tensor>();
  for (const [name, tensor] of graph.initializers) values.set(name, widen(tensor));
  for (const { name } of graph.inputs) {
    const feed = feeds[name];
    if (!feed) throw new GraphError(`Input '${name}' was not fed`);
    values.set(name, widen(feed));
  }
  for (const original of graph.nodes) {
    const node = options.float64 ? widenNode(original) : original;
    const outputs = evaluateNode(
      node,
      node.inputs.map((name) => (name === '' ? undefined : values.get(name))),
    );
    outputs.forEach((tensor, i) => {
      if (node.outputs[i]) values.set(node.outputs[i], tensor);
    });
  }
  const fetches = options.fetches ?? graph.outputs.map(({ name }) => name);
  return new Map(
    fetches.map((name) => {
      const value = values.get(name);
      if (!value) throw new GraphError(`The graph has no value '${name}'`);
      return [name, value];
    }),
  );
}

/** Can `evaluateNode` evaluate this operator of ONNX's own domain? */
export function canEvaluate(op: string): boolean {
  return kernelOf('', op) !== undefined;
}

/** Can `evaluateNode` evaluate this node's operator, of whatever domain? */
export function canEvaluateNode(node: Node): boolean {
  return kernelOf(node.domain, node.op) !== undefined;
}
