import { type Random, seeded } from '@halftone/sdk';
import { elementCount } from '../graph/tensors.ts';
import type { Initialisation } from './network.ts';

/** How a weight begins: a kernel by its fans, an embedding normally about zero, anything else at one value. */
export type Beginning =
  | { readonly fill: number }
  | { readonly deviation: number }
  | { readonly scheme: Initialisation; readonly fanIn: number; readonly fanOut: number };

/**
 * First values of a weight. They depend on the seed and the weight's name alone, so that a network changed in one
 * place begins the same everywhere else.
 */
export function firstValues(
  dims: readonly number[],
  beginning: Beginning,
  seed: number,
  name: string,
): Float32Array {
  const count = elementCount(dims);
  if ('fill' in beginning) return new Float32Array(count).fill(beginning.fill);
  const random = seeded(seed).derive('weights').derive(name);
  return Float32Array.from({ length: count }, drawer(random, beginning));
}

function drawer(random: Random, beginning: Exclude<Beginning, { fill: number }>) {
  if ('deviation' in beginning) return () => random.normal(0, beginning.deviation);
  const { scheme, fanIn, fanOut } = beginning;
  if (scheme === 'he') return () => random.normal(0, Math.sqrt(2 / fanIn));
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return () => random.uniform(-limit, limit);
}
