import { GraphError } from '../errors.ts';
import type { Dim, Graph, Node, Tensor, ValueType } from '../ir.ts';
import type { InferenceContext, InferredOutput } from './context.ts';
import { inferenceRule } from './table.ts';

export type { InferenceContext, InferredOutput } from './context.ts';

/**
 * Types of the node's outputs, in their order (an omitted output has its place too).
 *
 * @throws GraphError 'unsupported-operator' for an operator that we don't know; GraphError for inputs that
 * contradict each other.
 */
export function inferNode(node: Node, context: InferenceContext): InferredOutput[] {
  const rule = inferenceRule(node.domain, node.op);
  if (!rule) {
    throw new GraphError('This operator is not supported', { node, code: 'unsupported-operator' });
  }
  const outputs = rule({ node, context });
  if (outputs.length < node.outputs.length) {
    throw new GraphError(`${node.outputs.length} outputs where at most ${outputs.length} are known`, {
      node,
    });
  }
  return outputs.slice(0, node.outputs.length);
}

/** A context over a graph's types and initializers, to which nodes' outputs can be added in order. */
export interface GraphContext extends InferenceContext {
  /** Infers the node and notes its outputs. */
  add(node: Node): InferredOutput[];
}

/** Starts from the graph's inputs and initializers; notes types in `graph.types`, which it clears first. */
export function graphContext(graph: Graph): GraphContext {
  const { types, initializers } = graph;
  const shapeValues = new Map<string, readonly Dim[]>();
  types.clear();
  for (const { name, dtype, shape } of graph.inputs) {
    types.set(name, { dtype, shape: shape });
  }
  for (const [name, { dtype, dims }] of initializers) types.set(name, { dtype, shape: dims });
  const context: InferenceContext = {
    type: (name): ValueType | undefined => types.get(name),
    constant: (name): Tensor | undefined => initializers.get(name),
    shapeValue: (name) => shapeValues.get(name),
  };
  const add = (node: Node): InferredOutput[] => {
    const outputs = inferNode(node, context);
    outputs.forEach(({ dtype, shape, shapeValue }, i) => {
      const name = node.outputs[i]!;
      if (name === '') return;
      types.set(name, { dtype, shape });
      if (shapeValue) shapeValues.set(name, shapeValue);
    });
    return outputs;
  };
  return { ...context, add };
}

/** Fills `graph.types` for every value, from inputs, initializers and nodes. */
export function inferShapes(graph: Graph): void {
  const context = graphContext(graph);
  for (const node of graph.nodes) context.add(node);
}
