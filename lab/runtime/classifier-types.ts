import type { ModelCard } from './card.ts';

/**
 * What the lab asks of a classifier, whatever file it came from and whichever provider runs it.
 * Types only: `classifier.ts` implements them on ONNX Runtime, tests implement them in memory.
 */

/**
 * The loss whose gradient is asked for. Z are the logits of one image, y its label, t its target.
 * - `cross-entropy`: of softmax(Z / temperature) with the label, smoothed by `smoothing` (0..1) towards
 *   the uniform distribution; temperature 1 and smoothing 0 by default.
 * - `margin`: Carlini and Wagner (2017). Untargeted max(Z_y − max_{i≠y} Z_i, −κ), targeted
 *   max(max_{i≠t} Z_i − Z_t, −κ); `kappa` in logits, 0 by default.
 * - `logit-difference`: the margin without its clamp.
 * - `mse`: mean squared error of the logits to a tensor.
 * - `cotangent`: d(loss)/d(logits) handed in from outside, for a loss that the caller states itself.
 */
export type LossSpec =
  | { readonly kind: 'cross-entropy'; readonly temperature?: number; readonly smoothing?: number }
  | { readonly kind: 'margin'; readonly kappa?: number }
  | { readonly kind: 'logit-difference' }
  | { readonly kind: 'mse' }
  | { readonly kind: 'cotangent' };

/** Images as one block: NHWC, RGB (or one grey channel), float32 in [0, 1]; count·height·width·channels long. */
export interface ImageBatch {
  data: Float32Array;
  count: number;
  height: number;
  width: number;
  channels: number;
}

/** A question for the gradient of a loss at the images. */
export interface GradientRequest {
  images: ImageBatch;
  /** Class indices, one an image: the true classes, or the wanted ones where `targeted`. */
  labels: Int32Array;
  /** The labels are targets. Matters to the margin losses; false by default. */
  targeted?: boolean;
  loss: LossSpec;
  /** [count, classes], for `cotangent` (and the tensor that `mse` compares with). */
  cotangent?: Float32Array;
  /** How the images' losses combine before the gradient is taken; `sum` by default. */
  reduction?: 'sum' | 'mean';
  signal?: AbortSignal;
}

/** What comes of a gradient: all at the images that were asked about. */
export interface GradientResult {
  /** [count, classes]. */
  logits: Float32Array;
  /** [count], each image's own loss before `reduction`. */
  losses: Float32Array;
  /** d(reduced loss)/d(images), laid out like `images.data`. */
  gradients: Float32Array;
}

/**
 * A classifier that sees NHWC RGB images in [0, 1]; its own pre-processing is inside. It leaves the arrays that it
 * is given as they are; those that it returns are the caller's.
 */
export interface Classifier {
  readonly card: ModelCard;
  /** Number of classes. */
  readonly classes: number;
  /** Size of the images that it takes. */
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  /** The execution provider in words, such as `CPU, 2 threads`. */
  readonly provider: string;
  /** Logits, [count, classes]. Throws `HalftoneError` (`bad-image`, `cancelled`). */
  logits(
    images: ImageBatch,
    options?: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void },
  ): Promise<Float32Array>;
  /** Logits, losses and gradients at the images. Throws `HalftoneError` (`bad-image`, `bad-labels`, `cancelled`). */
  gradient(request: GradientRequest): Promise<GradientResult>;
  /** Gives back the session; the classifier answers no more. */
  close(): Promise<void>;
}
