import { HalftoneError } from '@halftone/sdk/errors';
import type { ImageBatch } from '../runtime/classifier-types.ts';

/** Order of the axes of a block of images. */
export type Layout = 'nchw' | 'nhwc';

/** Values in one image. */
export function imageSize({ height, width, channels }: Omit<ImageBatch, 'data' | 'count'>): number {
  return height * width * channels;
}

/** Images `start` (included) to `end` (not), as a view on the same memory. */
export function sliceImages(images: ImageBatch, start: number, end: number): ImageBatch {
  const size = imageSize(images);
  return { ...images, data: images.data.subarray(start * size, end * size), count: end - start };
}

/** The values in the other order of axes: NCHW in, NHWC out. A new block. */
export function toNhwc(data: Float32Array, count: number, channels: number, pixels: number): Float32Array {
  return transpose(data, count, channels, pixels);
}

/** NHWC in, NCHW out. A new block. */
export function toNchw(data: Float32Array, count: number, channels: number, pixels: number): Float32Array {
  return transpose(data, count, pixels, channels);
}

/** count matrices of rows × columns, each turned over. */
function transpose(data: Float32Array, count: number, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let n = 0; n < count; n++) {
    const base = n * rows * columns;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) out[base + c * rows + r] = data[base + r * columns + c]!;
    }
  }
  return out;
}

/** Index of the first value that is NaN or infinite; −1 for none. */
export function firstNotFinite(data: Float32Array): number {
  return data.findIndex((value) => !Number.isFinite(value));
}

/**
 * Throws unless every value is finite (`not-finite`) and, where `unit` is asked for, in [0, 1] (`bad-image`).
 * `what` names the images' origin, `first` is the number of the first image in its set.
 */
export function checkValues(images: ImageBatch, what: string, { unit = false, first = 0 } = {}): void {
  const { data } = images;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value >= 0 && value <= 1) continue;
    const image = first + Math.floor(i / imageSize(images));
    if (!Number.isFinite(value))
      throw new HalftoneError('not-finite', `${what}: image ${image} holds ${value}`);
    if (unit) {
      const text = `${what}: image ${image} holds ${value}; values must lie in 0 to 1 (float32) or be uint8`;
      throw new HalftoneError('bad-image', text);
    }
  }
}
