import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './plugin.ts';

/** The values that tensors were made of. Tensors never change, so these are their values as long as they live. */
const known = new WeakMap<Tensor, Float32Array>();

/**
 * A tensor of images from their values, which must not be changed afterwards. Unlike `tf.tensor4d` it remembers
 * them, so that `valuesOf` need not fetch them from the backend again.
 */
export function imagesOf(tf: TensorFlow, values: Float32Array, shape: Tensor4D['shape']): Tensor4D {
  const tensor = tf.tensor4d(values, shape, 'float32');
  known.set(tensor, values);
  return tensor;
}

/** A float32 tensor's values, row-major; to read, not to change. Copies only what no `imagesOf` remembers. */
export function valuesOf(tensor: Tensor): Float32Array {
  return known.get(tensor) ?? (tensor.dataSync() as Float32Array);
}

/** The values of each image of a block, as views; to read, not to change. */
export function imageViews(images: Tensor4D): Float32Array[] {
  const values = valuesOf(images);
  const [count] = images.shape;
  const size = values.length / count;
  return Array.from({ length: count }, (_, row) => values.subarray(row * size, (row + 1) * size));
}

/** A tensor of images from the values of each, [height, width, channels]; the values are copied. */
export function stackImages(
  tf: TensorFlow,
  images: readonly Float32Array[],
  [height, width, channels]: readonly [number, number, number],
): Tensor4D {
  const size = height * width * channels;
  const values = new Float32Array(images.length * size);
  for (const [row, image] of images.entries()) values.set(image, row * size);
  return imagesOf(tf, values, [images.length, height, width, channels]);
}
