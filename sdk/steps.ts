import type { Tensor4D } from '@tensorflow/tfjs-core';
import { type TensorFlow, throwIfCancelled } from './attack.ts';
import { imagesOf, valuesOf } from './values.ts';

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
  const x = valuesOf(images);
  const g = valuesOf(gradient);
  const center = valuesOf(origin);
  const out = new Float32Array(x.length);
  for (let i = 0; i < out.length; i++) {
    const slope = g[i]!;
    const step = slope > 0 ? alpha : slope < 0 ? -alpha : 0;
    const low = Math.max(center[i]! - epsilon, 0);
    const high = Math.min(center[i]! + epsilon, 1);
    out[i] = Math.min(Math.max(x[i]! + step, low), high);
  }
  return imagesOf(tf, out, images.shape);
}

/** What `iterate` needs of an attack's context. */
export interface Iteration {
  /** Where it starts; stays the caller's. */
  readonly images: Tensor4D;
  readonly signal: AbortSignal;
  progress(fraction: number): void;
}

/**
 * Steps one after the other, each from the images that the last one made; the result is the last one's, or
 * `images` itself where `steps` is 0. Images in between are disposed of, and all of them when a step throws.
 * Throws what a step throws, and `cancelled`.
 */
export async function iterate(
  { images, signal, progress }: Iteration,
  steps: number,
  step: (current: Tensor4D, index: number) => Promise<Tensor4D>,
): Promise<Tensor4D> {
  let current = images;
  const leave = () => {
    if (current !== images) current.dispose();
  };
  try {
    for (let index = 0; index < steps; index++) {
      throwIfCancelled(signal);
      const next = await step(current, index);
      leave();
      current = next;
      progress((index + 1) / steps);
    }
  } catch (error) {
    leave();
    throw error;
  }
  return current;
}
