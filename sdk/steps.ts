import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './attack.ts';

/** A step of a gradient method under an L∞ budget. */
export interface SignStep {
  /** Where the step starts. NHWC, [0, 1]. */
  readonly images: Tensor4D;
  /** The direction to climb; only its sign counts, and the sign of 0 is 0. Shape of `images`. */
  readonly gradient: Tensor4D;
  /** Centre of the ball: the images before the attack. Shape of `images`. */
  readonly origin: Tensor4D;
  /** Length of the step, in [0, 1] units. */
  readonly alpha: number;
  /** Radius of the ball, in [0, 1] units. */
  readonly epsilon: number;
}

/**
 * x' = clip(x + α · sign(g)), into the L∞ ball of radius ε around the origin and into [0, 1]: the step of
 * Goodfellow et al. (2015) and Kurakin et al. (2017, eq. 2). A new tensor; the inputs stay the caller's.
 *
 * One pass over memory, where one tensor operation for each of its parts takes six.
 */
export function signStep(tf: TensorFlow, { images, gradient, origin, alpha, epsilon }: SignStep): Tensor4D {
  const x = images.dataSync();
  const g = gradient.dataSync();
  const center = origin.dataSync();
  const out = new Float32Array(x.length);
  for (let i = 0; i < out.length; i++) {
    const slope = g[i]!;
    const step = slope > 0 ? alpha : slope < 0 ? -alpha : 0;
    const low = Math.max(center[i]! - epsilon, 0);
    const high = Math.min(center[i]! + epsilon, 1);
    out[i] = Math.min(Math.max(x[i]! + step, low), high);
  }
  return tf.tensor4d(out, images.shape, 'float32');
}
