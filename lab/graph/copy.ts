import type { Graph } from './ir.ts';

/** A copy that can be changed; nodes and tensors are shared, being immutable. */
export function copyGraph(graph: Graph): Graph {
  return {
    name: graph.name,
    inputs: [...graph.inputs],
    outputs: [...graph.outputs],
    initializers: new Map(graph.initializers),
    nodes: [...graph.nodes],
    types: new Map(graph.types),
    metadata: new Map(graph.metadata),
  };
}

/** A graph with nothing in it yet, for a `GraphBuilder` to fill. */
export function emptyGraph(name: string): Graph {
  return {
    name,
    inputs: [],
    outputs: [],
    initializers: new Map(),
    nodes: [],
    types: new Map(),
    metadata: new Map(),
  };
}
