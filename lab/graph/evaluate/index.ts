import { GraphError } from '../errors.ts';
import type { Graph, Node, Tensor } from '../ir.ts';

/**
 * Evaluates one node on constants. float64 stays float64 (used as reference), float32 stays float32.
 * An omitted optional input is undefined.
 *
 * @throws GraphError 'unsupported-operator' for an operator that can't be evaluated.
 */
export function evaluateNode(node: Node, _inputs: readonly (Tensor | undefined)[]): Tensor[] {
  throw new GraphError('Unknown operator', { node, code: 'unsupported-operator' });
}

/**
 * Evaluates the graph on feeds. With `float64`, float32 feeds, initializers and tensor attributes are widened
 * first and Cast to float32 means float64: the reference that gradients are tested against. Returns every
 * requested value (default: the graph's outputs).
 */
export function evaluateGraph(
  _graph: Graph,
  _feeds: Record<string, Tensor>,
  _options: { float64?: boolean; fetches?: string[] } = {},
): Map<string, Tensor> {
  return new Map();
}

/** Can `evaluateNode` evaluate this operator of ONNX's own domain? */
export function canEvaluate(_op: string): boolean {
  return false;
}
