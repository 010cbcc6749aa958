import { GraphError } from '../errors.ts';
import type { Node } from '../ir.ts';
import type { InferenceContext, InferredOutput } from './context.ts';
import { inferenceRule } from './table.ts';

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
