import { HalftoneError } from '@halftone/sdk/errors';
import type { Classifier } from '../../runtime/classifier-types.ts';
import { findSet } from './index.ts';
import type { DataSet } from './types.ts';

/**
 * Opens a data set whose images and classes are the model's. `shelf` is the folder of the sets that were added.
 * Throws as `findSet` and as its `open`, and `bad-argument` where it doesn't fit.
 */
export async function openFittingSet(
  name: string,
  shelf: string,
  { input, classes }: Pick<Classifier, 'input' | 'classes'>,
): Promise<DataSet> {
  const set = await findSet(name).open(shelf);
  const { height, width, channels } = set;
  if (height !== input.height || width !== input.width || channels !== input.channels) {
    const text = `the images of ${name} are ${height}×${width}×${channels}; the model takes ${input.height}×${input.width}×${input.channels}`;
    throw new HalftoneError('bad-argument', text);
  }
  if (set.classes.length === classes) return set;
  throw new HalftoneError(
    'bad-argument',
    `${name} has ${set.classes.length} classes, the model has ${classes}`,
  );
}
