import { isNamedExtent, unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Dim, Node } from '../ir.ts';
import { shapeText } from './inputs.ts';

function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  if (typeof a === 'number') return typeof b === 'number' ? undefined : a;
  if (typeof b === 'number') return b;
  return unknownDim();
}

/**
 * The shape that shapes broadcast to, numpy's way; null when one of the ranks is unknown. Two extents of which
 * one is a symbol: the number, unless that is 1. Two different symbols: unknown.
 *
 * @throws GraphError naming the shapes when they don't fit.
 */
export function broadcastShapes(node: Node, shapes: readonly (readonly Dim[] | null)[]): Dim[] | null {
  let result: Dim[] = [];
  for (const shape of shapes) {
    if (!shape) return null;
    const rank = Math.max(result.length, shape.length);
    const next: Dim[] = [];
    for (let i = 0; i < rank; i++) {
      const a = result[i - rank + result.length] ?? 1;
      const b = shape[i - rank + shape.length] ?? 1;
      const both = broadcastDim(a, b);
      if (both === undefined) {
        throw new GraphError(`Shapes ${shapes.map(shapeText).join(' and ')} don't broadcast`, { node });
      }
      next.push(both);
    }
    result = next;
  }
  return result;
}

/** One extent where two must be equal: the more telling of them. @throws GraphError when they can't be. */
export function unifyDims(node: Node, a: Dim, b: Dim, what: string): Dim {
  if (typeof a === 'number' && typeof b === 'number' && a !== b) {
    throw new GraphError(`${what} differ: ${a} and ${b}`, { node });
  }
  if (typeof a === 'number') return a;
  if (typeof b === 'number') return b;
  return isNamedExtent(a) ? a : b;
}
