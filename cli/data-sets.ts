import { join } from 'node:path';
import { fittingSet } from '../lab/data/sets/fitting.ts';
import type { DataSet, KnownSet } from '../lab/data/sets/index.ts';
import { defaultDataDir } from '../lab/host/data-dir.ts';
import { findAnySet } from '../lab/registry/plugin-sets.ts';
import type { Classifier } from '../lab/runtime/classifier-types.ts';
import { openRegistry } from './registry.ts';

/** The folder of the data sets that were added. */
export function dataShelf(): string {
  return join(defaultDataDir(), 'data');
}

/** A data set by name, not opened yet: the lab's or a plugin's. Throws `not-found`, `bad-plugin`. */
export function anySet(name: string): Promise<KnownSet> {
  return findAnySet(openRegistry(), name);
}

/** Opens a data set by name. Throws as `anySet` and as its `open`. */
export async function openSet(name: string): Promise<DataSet> {
  return (await anySet(name)).open(dataShelf());
}

/** Opens a data set whose images and classes are the model's. Throws `bad-argument` where they aren't. */
export async function openFittingSet(name: string, classifier: Classifier): Promise<DataSet> {
  return fittingSet(await openSet(name), classifier);
}
