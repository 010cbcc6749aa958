import { HalftoneError, type Random, seeded } from '@halftone/sdk';
import type { ImageSource } from '../source.ts';
import type { DataSet, SplitName } from './types.ts';

/** 0 to count − 1 in a random order (Fisher and Yates), every order as likely. */
export function shuffled(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Which images of a data set. */
export interface Choice {
  readonly split: SplitName;
  /** All by default. */
  readonly count?: number;
  /** A random choice with this seed, in random order; without it the first ones, in the set's own order. */
  readonly shuffleSeed?: number;
}

/**
 * Some images of a data set, to attack or to measure on. Each is named `<class index>_<split>-<number>`, so that
 * a folder of them says its labels. Throws `bad-argument` where more are wanted than there are.
 */
export function choose(set: DataSet, { split: splitName, count, shuffleSeed }: Choice): ImageSource {
  const split = set.splits[splitName];
  const wanted = count ?? split.count;
  if (wanted > split.count) {
    const text = `${wanted} images asked for; the ${splitName} split of ${set.name} has ${split.count}`;
    throw new HalftoneError('bad-argument', text);
  }
  const indices =
    shuffleSeed === undefined
      ? Int32Array.from({ length: wanted }, (_, i) => i)
      : shuffled(split.count, seeded(shuffleSeed).derive('choice')).subarray(0, wanted);
  const labels = split.labels(indices);
  const digits = String(split.count - 1).length;
  return {
    count: wanted,
    labels,
    names: Array.from(
      indices,
      (index, i) => `${labels[i]}_${splitName}-${String(index).padStart(digits, '0')}`,
    ),
    read: async (start, end, signal) => (await split.read(indices.subarray(start, end), signal)).images,
  };
}
