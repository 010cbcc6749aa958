import { removeDeadNodes } from '../fold.ts';
import type { Graph, Node } from '../ir.ts';
import { inferShapes } from '../shapes/index.ts';
import { gelu } from './gelu.ts';
import { layerNormalization } from './layer-normalization.ts';
import { Matcher } from './match.ts';
import { splitSlices } from './split.ts';

/** Each looks at a node that may end a pattern, and gives the one operator that the pattern spells out. */
const PATTERNS: ReadonlyArray<(graph: Graph, m: Matcher, node: Node) => Node | undefined> = [
  layerNormalization,
  gelu,
];

/**
 * Puts composites that exporters spell out back into one operator, in place: LayerNormalization, Gelu, Split.
 *
 * ONNX Runtime fuses these too, but only where nobody else reads the values in between, and a gradient does.
 * Constants must have been folded and types inferred; afterwards types are inferred anew.
 */
export function recognisePatterns(graph: Graph): void {
  const matcher = new Matcher(graph);
  graph.nodes = graph.nodes.map((node) => {
    for (const pattern of PATTERNS) {
      const whole = pattern(graph, matcher, node);
      if (whole) return whole;
    }
    return node;
  });
  splitSlices(graph);
  removeDeadNodes(graph);
  inferShapes(graph);
}
