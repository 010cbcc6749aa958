import { GraphError } from './errors.ts';
import type { Graph, Node } from './ir.ts';

/** Who assigns each value: a node, or null for graph inputs and initializers. GraphError on a second assignment. */
function findProducers(graph: Graph): Map<string, Node | null> {
  const producers = new Map<string, Node | null>();
  const assign = (name: string, producer: Node | null) => {
    if (producers.has(name)) {
      const where = producer === null ? undefined : { node: producer };
      throw new GraphError(`Value '${name}' is assigned twice`, where);
    }
    producers.set(name, producer);
  };
  for (const name of graph.initializers.keys()) assign(name, null);
  for (const input of graph.inputs) {
    if (input.name === '') throw new GraphError('A graph input has no name');
    assign(input.name, null);
  }
  for (const node of graph.nodes) {
    for (const output of node.outputs) if (output !== '') assign(output, node);
  }
  return producers;
}

function checkUses(graph: Graph, producers: ReadonlyMap<string, Node | null>): void {
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (input !== '' && !producers.has(input)) {
        throw new GraphError(`Input '${input}' is not defined anywhere in the graph`, { node });
      }
    }
  }
  if (graph.outputs.length === 0) throw new GraphError('The graph has no output');
  const seen = new Set<string>();
  for (const { name } of graph.outputs) {
    if (!producers.has(name)) throw new GraphError(`Graph output '${name}' is not computed by any node`);
    if (seen.has(name)) throw new GraphError(`Graph output '${name}' is listed twice`);
    seen.add(name);
  }
}

function isOrdered(nodes: readonly Node[], producers: ReadonlyMap<string, Node | null>): boolean {
  const done = new Set<Node>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const producer = producers.get(input);
      if (producer && !done.has(producer)) return false;
    }
    done.add(node);
  }
  return true;
}

/** Kahn's algorithm, keeping the given order among nodes that are ready. */
function sortNodes(nodes: readonly Node[], producers: ReadonlyMap<string, Node | null>): Node[] {
  const waiting = new Map<Node, number>();
  const readers = new Map<Node, Node[]>();
  for (const node of nodes) {
    const needs = new Set<Node>();
    for (const input of node.inputs) {
      const producer = producers.get(input);
      if (producer) needs.add(producer);
    }
    waiting.set(node, needs.size);
    for (const producer of needs) {
      const list = readers.get(producer);
      if (list) list.push(node);
      else readers.set(producer, [node]);
    }
  }
  const sorted = nodes.filter((node) => waiting.get(node) === 0);
  for (let i = 0; i < sorted.length; i++) {
    for (const reader of readers.get(sorted[i]!) ?? []) {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      if (left === 0) sorted.push(reader);
    }
  }
  if (sorted.length < nodes.length) throw cycleError(nodes, waiting, producers);
  return sorted;
}

/** Names a node on a cycle: from a node that never became ready, go to such producers until one comes again. */
function cycleError(
  nodes: readonly Node[],
  waiting: ReadonlyMap<Node, number>,
  producers: ReadonlyMap<string, Node | null>,
): GraphError {
  const stuck = (node: Node | null | undefined): node is Node => !!node && waiting.get(node)! > 0;
  const seen = new Set<Node>();
  let node = nodes.find(stuck)!;
  while (!seen.has(node)) {
    seen.add(node);
    node = node.inputs.map((input) => producers.get(input)).find(stuck)!;
  }
  return new GraphError('The graph has a cycle through this node', { node });
}

/**
 * Checks what every graph in memory promises, and sorts its nodes topologically where they aren't: every value
 * assigned once, every input and output defined, no cycle, tensors as long as their dims say. GraphError
 * naming the value and node otherwise.
 */
export function checkGraph(graph: Graph): void {
  for (const [name, tensor] of graph.initializers) {
    if (name === '') throw new GraphError('An initializer has no name');
    const count = tensor.dims.reduce((product, dim) => product * dim, 1);
    if (count !== tensor.data.length) {
      throw new GraphError(
        `Initializer '${name}' has ${tensor.data.length} elements for dims [${tensor.dims}]`,
      );
    }
  }
  const producers = findProducers(graph);
  checkUses(graph, producers);
  if (!isOrdered(graph.nodes, producers)) graph.nodes = sortNodes(graph.nodes, producers);
}
