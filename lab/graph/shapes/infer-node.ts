import { GraphError } from '../errors.ts';
import type { Dim, Node } from '../ir.ts';
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
  for (const { shape } of outputs) checkExtents(node, shape);
  return outputs.slice(0, node.outputs.length);
}

/** What odd attributes and sizes come to, whatever the operator. */
function checkExtents(node: Node, shape: readonly Dim[] | null): void {
  const bad = shape?.find(
    (extent) => typeof extent === 'number' && !(Number.isSafeInteger(extent) && extent >= 0),
  );
  if (bad !== undefined) throw new GraphError(`The output would have an extent of ${bad}`, { node });
}
