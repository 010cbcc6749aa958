import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk';
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
export async function openFittingSet(name: string, { input, classes }: Classifier): Promise<DataSet> {
  const set = await openSet(name);
  const { height, width, channels } = set;
  if (height !== input.height || width !== input.width || channels !== input.channels) {
    const text = `the images of ${name} are ${height}×${width}×${channels}; the model takes ${input.height}×${input.width}×${input.channels}`;
    throw new HalftoneError('bad-argument', text);
  }
  if (set.classes.length !== classes) {
    const text = `${name} has ${set.classes.length} classes, the model has ${classes}`;
    throw new HalftoneError('bad-argument', text);
  }
  return set;
}
