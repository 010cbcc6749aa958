import { GraphError } from '../errors.ts';
import type { Graph, Node } from '../ir.ts';
import type { InferenceContext, InferredOutput } from './context.ts';

export type { InferenceContext, InferredOutput } from './context.ts';

/**
 * Types of the node's outputs, in their order (an omitted output has its place too).
 *
 * @throws GraphError 'unsupported-operator' for an operator that we don't know; GraphError for inputs that
 * contradict each other.
 */
export function inferNode(node: Node, _context: InferenceContext): InferredOutput[] {
  throw new GraphError('Unknown operator', { node, code: 'unsupported-operator' });
}

/** Fills `graph.types` for every value, from inputs, initializers and nodes. */
export function inferShapes(graph: Graph): void {
  graph.types.clear();
}
