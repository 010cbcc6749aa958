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
