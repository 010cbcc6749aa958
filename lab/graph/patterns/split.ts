import type { Graph, Node } from '../ir.ts';
import { int64Vector, numbersOf } from '../tensors.ts';

/**
 * Slices that cut one value into adjacent parts along one axis, together all of it, become one Split: its
 * gradient is one concatenation where each slice's would be a padding and an addition.
 */
export function splitSlices(graph: Graph): void {
  const cuts = new Map<string, Cut[]>();
  for (const node of graph.nodes) {
    const cut = cutOf(graph, node);
    if (!cut) continue;
    const key = `${node.inputs[0]} ${cut.axis}`;
    cuts.set(key, [...(cuts.get(key) ?? []), cut]);
  }
  for (const group of cuts.values()) {
    const parts = group.sort((a, b) => a.start - b.start);
    const whole = parts.every((part, i) => part.start === (i === 0 ? 0 : parts[i - 1]!.end));
    if (parts.length < 2 || !whole || parts.at(-1)!.end !== parts[0]!.size) continue;
    replace(graph, parts);
  }
}

interface Cut {
  readonly node: Node;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  /** Extent of the axis. */
  readonly size: number;
}

/** A slice of one axis with step 1 and constant bounds. */
function cutOf(graph: Graph, node: Node): Cut | undefined {
  if (node.op !== 'Slice' || node.domain !== '') return undefined;
  const given = node.inputs.slice(1).map((name) => {
    const tensor = graph.initializers.get(name);
    return tensor?.data.length === 1 ? Number(numbersOf(tensor)[0]) : undefined;
  });
  const [start, end, axis, step = 1] = given;
  const shape = graph.types.get(node.inputs[0]!)?.shape;
  if (start === undefined || end === undefined || axis === undefined || step !== 1 || !shape)
    return undefined;
  if (given.length > 3 && given[3] === undefined) return undefined;
  const at = (axis + shape.length) % shape.length;
  const size = shape[at];
  if (typeof size !== 'number') return undefined;
  const place = (index: number) => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  return { node, axis: at, start: place(start), end: place(end), size };
}

function replace(graph: Graph, parts: readonly Cut[]): void {
  const [first] = parts;
  const sizes = `${first!.node.outputs[0]}/split`;
  graph.initializers.set(sizes, int64Vector(parts.map((part) => part.end - part.start)));
  const split: Node = {
    op: 'Split',
    domain: '',
    name: first!.node.name,
    inputs: [first!.node.inputs[0]!, sizes],
    outputs: parts.map((part) => part.node.outputs[0]!),
    attributes: { axis: { type: 'int', value: first!.axis } },
  };
  // In the place of the earliest: what it cuts is there, and all readers come later.
  const members = new Set(parts.map((part) => part.node));
  const place = graph.nodes.findIndex((node) => members.has(node));
  graph.nodes = graph.nodes.flatMap((node, i) => (i === place ? [split] : members.has(node) ? [] : [node]));
}
