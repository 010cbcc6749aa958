import { intAttr, intsAttr } from './attributes.ts';
import { isStatic } from './dims.ts';
import type { Graph, Node } from './ir.ts';
import { windowAttributes, windowAxis } from './shapes/windows.ts';

/**
 * Takes `ceil_mode` off pools for which it changes nothing, in place; types must have been inferred.
 *
 * A last window that would begin in the padding doesn't count, so with `ceil_mode` such a pool has as many
 * windows as without. ONNX Runtime computes it so, but its shape inference counts the window and then refuses
 * graphs that use the true shape.
 */
export function settleCeilMode(graph: Graph): void {
  graph.nodes = graph.nodes.map((node) => (idleCeilMode(graph, node) ? withoutCeilMode(node) : node));
}

function idleCeilMode(graph: Graph, node: Node): boolean {
  if (node.op !== 'MaxPool' && node.op !== 'AveragePool') return false;
  if (intAttr(node, 'ceil_mode', 0) === 0) return false;
  const spatial = graph.types.get(node.inputs[0]!)?.shape?.slice(2) ?? null;
  if (!isStatic(spatial)) return false;
  const kernel = intsAttr(node, 'kernel_shape');
  const attributes = windowAttributes(node, kernel.length);
  return spatial.every((extent: number, axis) => {
    const up = windowAxis(node, attributes, axis, extent, kernel[axis]!);
    const down = windowAxis(node, { ...attributes, ceilMode: false }, axis, extent, kernel[axis]!);
    return up.output === down.output;
  });
}

function withoutCeilMode(node: Node): Node {
  const { ceil_mode: _idle, ...attributes } = node.attributes;
  return { ...node, attributes };
}
