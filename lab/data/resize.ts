import { HalftoneError } from '@halftone/sdk/errors';
import sharp from 'sharp';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { imageSize } from './batch.ts';
import type { ImageShape } from './images.ts';

/**
 * Eight-bit images at another size, with sharp's default kernel, as files of them would be read: to cover the shape,
 * cropped at the centre. Values must be k/255; they are again. Images of that size already come back as they are.
 * Throws `bad-image` where the numbers of channels differ.
 */
export async function resizeImages(images: ImageBatch, shape: ImageShape): Promise<ImageBatch> {
  const { count, height, width } = images;
  if (height === shape.height && width === shape.width && images.channels === shape.channels) return images;
  if (images.channels !== shape.channels) {
    const text = `images of ${images.channels} channels can't be shown to a model that takes ${shape.channels}`;
    throw new HalftoneError('bad-image', text);
  }
  const channels = images.channels as 1 | 3;
  const from = imageSize(images);
  const to = imageSize(shape);
  const data = new Float32Array(count * to);
  for (let i = 0; i < count; i++) {
    const levels = Uint8Array.from(images.data.subarray(i * from, (i + 1) * from), (value) =>
      Math.round(value * 255),
    );
    const image = sharp(levels, { raw: { width, height, channels } }).resize({
      width: shape.width,
      height: shape.height,
      fit: 'cover',
    });
    // A single channel would come back as three.
    const plain = channels === 1 ? image.toColourspace('b-w') : image;
    const resized = await plain.raw().toBuffer();
    for (let j = 0; j < to; j++) data[i * to + j] = resized[j]! / 255;
  }
  return { data, count, ...shape };
}
