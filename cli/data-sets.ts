import { join } from 'node:path';
import { openFittingSet as openFitting } from '../lab/data/sets/fitting.ts';
import { type DataSet, findSet } from '../lab/data/sets/index.ts';
import { defaultDataDir } from '../lab/host/data-dir.ts';
import type { Classifier } from '../lab/runtime/classifier-types.ts';

/** The folder of the data sets that were added. */
export function dataShelf(): string {
  return join(defaultDataDir(), 'data');
}

/** Opens a data set by name. Throws as `findSet` and as its `open`. */
export async function openSet(name: string): Promise<DataSet> {
  return findSet(name).open(dataShelf());
}

/** Opens a data set whose images and classes are the model's. Throws `bad-argument` where they aren't. */
export function openFittingSet(name: string, classifier: Classifier): Promise<DataSet> {
  return openFitting(name, dataShelf(), classifier);
}
