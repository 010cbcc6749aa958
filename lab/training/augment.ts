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

/** The hook that does it, in place, each image by draws of its own. */
export function augmenter({ shift, contrast, brightness }: Augmentation): Augment {
  let from = new Float32Array(0);
  return (batch: LabelledBatch, random: Random): LabelledBatch => {
    const { images } = batch;
    const size = images.data.length / images.count;
    if (from.length !== size) from = new Float32Array(size);
    for (let i = 0; i < images.count; i++) {
      const to = images.data.subarray(i * size, (i + 1) * size);
      from.set(to);
      const [right, down] = [random.integer(2 * shift + 1) - shift, random.integer(2 * shift + 1) - shift];
      move(from, to, images, right, down);
      relight(to, 1 + random.uniform(-contrast, contrast), random.uniform(-brightness, brightness));
    }
    return batch;
  };
}

/** A row at a time: a call for each pixel takes five times as long. */
function move(
  from: Float32Array,
  to: Float32Array,
  { height, width, channels }: ImageBatch,
  right: number,
  down: number,
): void {
  const row = width * channels;
  const within = (place: number, extent: number) => Math.max(0, Math.min(extent - 1, place));
  const shift = Math.max(-width, Math.min(width, right));
  const [first, last] = [Math.max(0, shift), width + Math.min(0, shift)];
  for (let y = 0; y < height; y++) {
    const source = within(y - down, height) * row;
    const line = y * row;
    const inner = source + (first - shift) * channels;
    to.set(from.subarray(inner, inner + (last - first) * channels), line + first * channels);
    for (let x = 0; x < first; x++) copyPixel(from, source, to, line + x * channels, channels);
    const end = source + row - channels;
    for (let x = last; x < width; x++) copyPixel(from, end, to, line + x * channels, channels);
  }
}

function copyPixel(from: Float32Array, source: number, to: Float32Array, at: number, channels: number): void {
  for (let c = 0; c < channels; c++) to[at + c] = from[source + c]!;
}

function relight(image: Float32Array, factor: number, added: number): void {
  let sum = 0;
  for (let i = 0; i < image.length; i++) sum += image[i]!;
  const mean = sum / image.length;
  for (let i = 0; i < image.length; i++) {
    image[i] = Math.max(0, Math.min(1, (image[i]! - mean) * factor + mean + added));
  }
}
