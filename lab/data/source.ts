import { HalftoneError } from '@halftone/sdk/errors';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { sliceImages } from './batch.ts';
import type { LabelledFile } from './folder.ts';
import { type ImageShape, readImages } from './images.ts';

/** Labelled images that are read as they are needed. */
export interface ImageSource {
  readonly count: number;
  /** Class index of each image. */
  readonly labels: Int32Array;
  /** A name for each image: its path within its folder, or its number. */
  readonly names: readonly string[];
  /** Images `start` (included) to `end` (not), float32 in [0, 1]. Throws `bad-image` naming the image, `cancelled`. */
  read(start: number, end: number, signal?: AbortSignal): Promise<ImageBatch>;
}

/** Images that are in memory already. */
export function memorySource(images: ImageBatch, labels: Int32Array): ImageSource {
  return {
    count: images.count,
    labels,
    names: Array.from({ length: images.count }, (_, i) => String(i)),
    read: async (start, end) => sliceImages(images, start, end),
  };
}

/** Image files, decoded to the shape when they are read. */
export function fileSource(files: readonly LabelledFile[], shape: ImageShape): ImageSource {
  return {
    count: files.length,
    labels: Int32Array.from(files, ({ label }) => label),
    names: files.map(({ name }) => name),
    read: (start, end, signal) => {
      const paths = files.slice(start, end).map(({ path }) => path);
      return readImages(paths, shape, signal === undefined ? {} : { signal });
    },
  };
}

/** The first `count` images of a source. Throws `bad-argument` when it has fewer. */
export function firstOf(source: ImageSource, count: number): ImageSource {
  if (count > source.count) {
    throw new HalftoneError('bad-argument', `${count} images asked for, there are ${source.count}`);
  }
  return { ...source, count, labels: source.labels.slice(0, count), names: source.names.slice(0, count) };
}
