import type { Tensor4D } from '@tensorflow/tfjs-core';
import { type TensorFlow, throwIfCancelled, type WhiteBoxModel } from './attack.ts';
import type { Criterion } from './criterion.ts';
import { imagesOf, imageViews, valuesOf } from './values.ts';

/** A step of a gradient method under a budget. All tensors NHWC and of one shape. */
export interface Step {
  /** Where the step starts, in [0, 1]. */
  readonly images: Tensor4D;
  /** The direction to climb. */
  readonly gradient: Tensor4D;
  /** Centre of the ball: the images before the attack. */
  readonly origin: Tensor4D;
  /** Length of the step, in [0, 1] units. */
  readonly alpha: number;
  /** Radius of the ball, in [0, 1] units. */
  readonly epsilon: number;
}

/** Norms whose balls a gradient step keeps to. */
export type StepNorm = 'linf' | 'l2';

/** The step of a norm: `signStep` for L∞, `l2Step` for L2. */
export function normStep(tf: TensorFlow, norm: StepNorm, step: Step): Tensor4D {
  return norm === 'linf' ? signStep(tf, step) : l2Step(tf, step);
}

/**
 * x' = clip(x + α · sign(g)), into the L∞ ball of radius ε around the origin and into [0, 1]: the step of
 * Goodfellow et al. (2015) and Kurakin et al. (2017, eq. 2). The sign of 0 is 0. A new tensor; the inputs stay the
 * caller's.
 *
 * One pass over memory, where one tensor operation for each of its parts takes six.
 */
export function signStep(tf: TensorFlow, { images, gradient, origin, alpha, epsilon }: Step): Tensor4D {
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

/**
 * x' = x + α · g / ‖g‖₂, shrunk into the L2 ball of radius ε around the origin and then clipped to [0, 1]: the step
 * of Madry et al. (2018) for L2. An image whose gradient is zero stays. A new tensor; the inputs stay the caller's.
 */
export function l2Step(tf: TensorFlow, { images, gradient, origin, alpha, epsilon }: Step): Tensor4D {
  const out = new Float32Array(valuesOf(images).length);
  const [gradients, origins] = [imageViews(gradient), imageViews(origin)];
  for (const [row, x] of imageViews(images).entries()) {
    const view = out.subarray(row * x.length, (row + 1) * x.length);
    const length = euclidean(gradients[row]!);
    moveInBall(x, gradients[row]!, length > 0 ? alpha / length : 0, { center: origins[row]!, epsilon, out: view });
  }
  return imagesOf(tf, out, images.shape);
}

/** ‖v‖₂, added up in float64. */
export function euclidean(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum);
}

/** out = clip₀₁(center + P(x + scale · direction − center)), P the projection into the L2 ball of radius ε. */
export function moveInBall(
  x: Float32Array,
  direction: Float32Array,
  scale: number,
  { center, epsilon, out }: { center: Float32Array; epsilon: number; out: Float32Array },
): void {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const delta = x[i]! + scale * direction[i]! - center[i]!;
    out[i] = delta;
    sum += delta * delta;
  }
  const distance = Math.sqrt(sum);
  const shrink = distance > epsilon ? epsilon / distance : 1;
  for (let i = 0; i < x.length; i++) out[i] = Math.min(Math.max(center[i]! + out[i]! * shrink, 0), 1);
}

/** What `gradientAt` needs of an attack's context. */
export interface Slope {
  readonly tf: TensorFlow;
  readonly model: Pick<WhiteBoxModel, 'gradient'>;
  readonly criterion: Criterion;
}

/** The gradient of the cross-entropy to climb, at images; the caller disposes of it. */
export async function gradientAt({ tf, model, criterion }: Slope, images: Tensor4D): Promise<Tensor4D> {
  const { gradient, objective, logits } = await model.gradient(images, criterion);
  tf.dispose([objective, logits]);
  return gradient;
}

/** What `iterate` needs of an attack's context. */
export interface Iteration {
  /** Where it starts; stays the caller's. */
  readonly images: Tensor4D;
  readonly signal: AbortSignal;
  progress(fraction: number): void;
  /** Takes the images after each step; they stay `iterate`'s. */
  report?(images: Tensor4D): void;
}

/**
 * Steps one after the other, each from the images that the last one made; the result is the last one's, or
 * `images` itself where `steps` is 0. Images in between are disposed of, and all of them when a step throws.
 * Throws what a step throws, and `cancelled`.
 */
export async function iterate(
  { images, signal, progress, report }: Iteration,
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
      report?.(current);
    }
  } catch (error) {
    leave();
    throw error;
  }
  return current;
}

/**
 * Kurakin et al. (2017), section 2.2: min(ε + 4, 1.25 ε) steps for ε in levels of 255, enough for a step of one
 * level to reach the edge of the ball. Rounded up; at least one. `epsilon` in [0, 1] units.
 */
export function stepsToEdge(epsilon: number): number {
  const levels = epsilon * 255;
  // 16/255 · 255 is a hair above 16, which must not buy a step.
  return Math.max(1, Math.ceil(Math.min(levels + 4, 1.25 * levels) - 1e-9));
}
