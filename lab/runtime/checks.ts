import { HalftoneError } from '@halftone/sdk/errors';
import type { Classifier, ImageBatch } from './classifier-types.ts';

/** Checks of what is handed to a classifier. */

/** @throws HalftoneError 'bad-image' for another size, 'not-finite' for a NaN or infinity, saying where */
export function checkImages(images: ImageBatch, input: Classifier['input']): void {
  const { data, count, height, width, channels } = images;
  if (height !== input.height || width !== input.width || channels !== input.channels) {
    throw new HalftoneError(
      'bad-image',
      `the images are ${height}×${width}×${channels} (height×width×channels); the model takes ` +
        `${input.height}×${input.width}×${input.channels}`,
    );
  }
  const size = height * width * channels;
  if (count < 1 || data.length !== count * size) {
    throw new HalftoneError(
      'bad-image',
      `${data.length} values don't make ${count} images of ${size} values`,
    );
  }
  for (let i = 0; i < data.length; i += 1) {
    if (!Number.isFinite(data[i])) {
      const what = Number.isNaN(data[i]) ? 'NaN' : 'infinite';
      throw new HalftoneError('not-finite', `image ${Math.floor(i / size)} has a value that is ${what}`);
    }
  }
}

/**
 * @param what the class indices are in messages: `label` or `target`
 * @throws HalftoneError 'bad-labels' for another number of labels than images, or one that is no class
 */
export function checkLabels(labels: Int32Array, count: number, classes: number, what = 'label'): void {
  if (labels.length !== count) {
    throw new HalftoneError(
      'bad-labels',
      `${labels.length} ${what}s for ${count} images; one an image is needed`,
    );
  }
  const bad = labels.findIndex((label) => label < 0 || label >= classes);
  if (bad >= 0) {
    const text = `${what} ${labels[bad]} of image ${bad} is outside 0 to ${classes - 1}, the model's classes`;
    throw new HalftoneError('bad-labels', text);
  }
}
