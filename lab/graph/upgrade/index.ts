import { type Graph, type Node, OPSET } from '../ir.ts';
import { RULES } from './rules.ts';
import { Site } from './site.ts';

/**
 * Rewrites a graph of the operator set `opset` (9 to 21) to `OPSET`, in place: node by node, through every
 * version that changed its form. Constants and nodes may be added; names of existing values stay.
 * @throws GraphError naming the node for the few old forms that have no new one.
 */
export function upgradeGraph(graph: Graph, opset: number): void {
  if (opset === OPSET) return;
  const site = new Site(graph);
  graph.nodes = graph.nodes.flatMap((node) => {
    site.enter(node);
    let current: Node = node;
    for (let version = opset + 1; version <= OPSET; version++) {
      const rules = current.domain === '' && Object.hasOwn(RULES, current.op) ? RULES[current.op] : undefined;
      current = rules?.[version]?.(current, site) ?? current;
    }
    return [...site.added, current];
  });
}
