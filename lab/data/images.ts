import { readFile } from 'node:fs/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import sharp from 'sharp';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { writeAtomic } from './atomic.ts';
import { imageSize } from './batch.ts';
import { fileError } from './schema.ts';

/** The size that a classifier wants. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  /** 3 for RGB, 1 for grey. */
  readonly channels: number;
}

/** More than any camera takes; an image that claims more is refused before memory is spent on it. */
const mostPixels = 268_435_456;

/**
 * An image file's bytes as eight-bit values, NHWC with one image: turned as its EXIF says, transparency laid on
 * white, grey made RGB (or RGB made grey), resized with sharp's default kernel to cover the shape and cropped at
 * the centre. Decoding happens off the event loop. `what` names the image in errors; throws `bad-image`.
 */
export async function decodeImage(bytes: Uint8Array, shape: ImageShape, what: string): Promise<Uint8Array> {
  const { height, width, channels } = shape;
  if (channels !== 1 && channels !== 3) {
    throw new HalftoneError(
      'bad-image',
      `${what}: the model takes ${channels} channels; photographs have 3 or 1`,
    );
  }
  try {
    const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: mostPixels })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .resize({ width, height, fit: 'cover', position: 'centre' });
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return withChannels(data, info.channels, channels);
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new HalftoneError('bad-image', `${what}: not an image that can be decoded (${reason})`, { cause });
  }
}

/** sharp keeps grey as one channel: it is told three times where RGB is wanted. */
function withChannels(data: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return data;
  if (from === 1) return Uint8Array.from({ length: data.length * to }, (_, i) => data[Math.floor(i / to)]!);
  return Uint8Array.from(
    { length: (data.length / from) * to },
    (_, i) => data[Math.floor(i / to) * from + (i % to)]!,
  );
}

/** As many decodes at once as keep sharp's own threads busy. */
const decodesAtOnce = 4;

/**
 * Image files as one batch, float32 in [0, 1], in the order of the paths; see `decodeImage`.
 * Throws `not-found` or `bad-image` naming the file, and `cancelled`.
 */
export async function readImages(
  paths: readonly string[],
  shape: ImageShape,
  options: { signal?: AbortSignal } = {},
): Promise<ImageBatch> {
  const size = imageSize(shape);
  const data = new Float32Array(paths.length * size);
  let next = 0;
  const decodeNext = async (): Promise<void> => {
    while (next < paths.length) {
      if (options.signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
      const index = next;
      next += 1;
      const path = paths[index]!;
      const levels = await decodeImage(await readBytes(path), shape, path);
      for (let i = 0; i < size; i++) data[index * size + i] = levels[i]! / 255;
    }
  };
  await Promise.all(Array.from({ length: Math.min(decodesAtOnce, paths.length) }, decodeNext));
  return { data, count: paths.length, ...shape };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/**
 * One image of a batch as an eight-bit PNG, written whole or not at all. Lossless for values k/255.
 * Throws as `writeAtomic`.
 */
export async function writePng(path: string, images: ImageBatch, index: number): Promise<void> {
  const { height, width } = images;
  const channels = images.channels as 1 | 3;
  const size = imageSize(images);
  const levels = Uint8Array.from(images.data.subarray(index * size, (index + 1) * size), (value) =>
    Math.round(value * 255),
  );
  const image = sharp(levels, { raw: { width, height, channels } });
  if (channels === 1) image.toColourspace('b-w');
  await writeAtomic(path, await image.png({ palette: false }).toBuffer());
}
