import { HalftoneError } from '@halftone/sdk/errors';
import { signs, signs96 } from '../signs/index.ts';
import { cifar10 } from './cifar-10.ts';
import { fashionMnist } from './fashion-mnist.ts';
import { imageFolders, isDescription } from './image-folders.ts';
import type { KnownSet } from './known.ts';
import { mnist } from './mnist.ts';

export type { CheckedFile, KnownSet, Originals } from './known.ts';
export { type Choice, choose, shuffled } from './order.ts';
export { addToShelf, downloadsOf, type FetchProgress, fetchToShelf, type Shelved } from './shelf.ts';
export type { DataSet, LabelledBatch, Split, SplitName } from './types.ts';

/** Every data set that the lab knows by name. */
export const knownSets: readonly KnownSet[] = [mnist, signs, signs96, fashionMnist, cifar10];

/**
 * The data set of this name, or the one that a JSON file describes (see `image-folders.ts`), not opened yet.
 * Throws `not-found`, with the names there are.
 */
export function findSet(name: string): KnownSet {
  const found = knownSets.find((set) => set.name === name);
  if (found !== undefined) return found;
  if (isDescription(name)) return imageFolders(name);
  const names = knownSets.map((set) => set.name).join(', ');
  const text = `there is no data set '${name}'; there are ${names}, or a JSON file that describes folders of images`;
  throw new HalftoneError('not-found', text);
}
