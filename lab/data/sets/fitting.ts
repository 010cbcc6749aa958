import { HalftoneError } from '@halftone/sdk/errors';
import type { Classifier } from '../../runtime/classifier-types.ts';
import type { DataSet } from './types.ts';

/** A data set, if its images and classes are the model's. Throws `bad-argument` where they aren't. */
export function fittingSet(set: DataSet, { input, classes }: Pick<Classifier, 'input' | 'classes'>): DataSet {
  const { name, height, width, channels } = set;
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
