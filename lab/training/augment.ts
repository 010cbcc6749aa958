import type { Random } from '@halftone/sdk';
import { z } from 'zod';
import type { LabelledBatch } from '../data/sets/types.ts';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import type { Augment } from './batches.ts';

/** What a recipe has done to images each time that they are learnt from. */
export type Augmentation = z.infer<typeof augmentationSchema>;

export const augmentationSchema = z.strictObject({
  /** Pixels that an image moves by at most, along both axes; its outermost pixels fill the gap. */
  shift: z.int().min(0).max(1024).default(0),
  /** Distances from an image's mean are multiplied by a number from 1 − contrast to 1 + contrast. */
  contrast: z.number().min(0).lt(1).default(0),
  /** A number from −brightness to brightness is added; the result stays in [0, 1]. */
  brightness: z.number().min(0).max(1).default(0),
});

/** The hook that does it, each image by draws of its own. */
export function augmenter({ shift, contrast, brightness }: Augmentation): Augment {
  return ({ images, labels }: LabelledBatch, random: Random): LabelledBatch => {
    const size = images.data.length / images.count;
    const data = new Float32Array(images.data.length);
    for (let i = 0; i < images.count; i++) {
      const from = images.data.subarray(i * size, (i + 1) * size);
      const to = data.subarray(i * size, (i + 1) * size);
      const [right, down] = [random.integer(2 * shift + 1) - shift, random.integer(2 * shift + 1) - shift];
      move(from, to, images, right, down);
      relight(to, 1 + random.uniform(-contrast, contrast), random.uniform(-brightness, brightness));
    }
    return { images: { ...images, data }, labels };
  };
}

function move(
  from: Float32Array,
  to: Float32Array,
  { height, width, channels }: ImageBatch,
  right: number,
  down: number,
): void {
  const row = width * channels;
  const within = (place: number, extent: number) => Math.max(0, Math.min(extent - 1, place));
  for (let y = 0; y < height; y++) {
    const source = from.subarray(within(y - down, height) * row).subarray(0, row);
    const line = to.subarray(y * row, (y + 1) * row);
    for (let x = 0; x < width; x++) {
      const at = within(x - right, width) * channels;
      for (let c = 0; c < channels; c++) line[x * channels + c] = source[at + c]!;
    }
  }
}

function relight(image: Float32Array, factor: number, added: number): void {
  const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
  for (let i = 0; i < image.length; i++) {
    image[i] = Math.max(0, Math.min(1, (image[i]! - mean) * factor + mean + added));
  }
}
