import { freemem } from 'node:os';
import type { Graph } from '../graph/ir.ts';

/** How many images go through a graph at once. */

/** More than this at once gains nothing on any provider measured. */
const MOST_IMAGES = 64;

/** A share of the free memory, and never more than this, is for the intermediate values of one run. */
const SHARE = 0.5;
const MOST_BYTES = 4 * 2 ** 30;

/**
 * An upper bound of the memory that one image's intermediate values take.
 *
 * Going forward a value dies when its last reader has run: the largest few count. Going backward most of the
 * forward values wait for their turn: all count.
 */
export function bytesPerImage(graph: Graph, pass: 'forward' | 'gradient'): number {
  const sizes = graph.nodes.flatMap((node) => node.outputs.map((output) => bytesOf(graph, output)));
  if (pass === 'gradient') return sizes.reduce((sum, size) => sum + size, 0) / 2;
  return sizes
    .sort((a, b) => b - a)
    .slice(0, 4)
    .reduce((sum, size) => sum + size, 0);
}

/** Bytes of a value for a batch of one; values that don't grow with the batch count as they are. */
function bytesOf(graph: Graph, name: string): number {
  const shape = graph.types.get(name)?.shape ?? [];
  return shape.reduce<number>(
    (size, dim) => size * (typeof dim === 'number' ? dim : Number.parseInt(dim, 10) || 1),
    4,
  );
}

/** Images at once, at least one, for which there is memory. */
export function batchThatFits(bytes: number, free = freemem()): number {
  const budget = Math.min(MOST_BYTES, free * SHARE);
  return Math.max(1, Math.min(MOST_IMAGES, Math.floor(budget / Math.max(1, bytes))));
}
