import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ParameterSchema, ParameterValues } from './parameters.ts';
import type { TensorFlow } from './plugin.ts';
import type { Random } from './random.ts';

/** What a channel, or a defence that transforms its input, is given: one batch of images. */
export interface TransformContext<S extends ParameterSchema = ParameterSchema> {
  readonly tf: TensorFlow;
  /** NHWC, RGB (or one grey channel), float32 in [0, 1]. The host's: don't dispose of it. */
  readonly images: Tensor4D;
  readonly parameters: ParameterValues<S>;
  /** One stream an image, each at its beginning. */
  readonly randoms: readonly Random[];
  readonly signal: AbortSignal;
}

/** What a channel, or a defence that transforms its input, makes of a batch of images. */
export interface Transformed {
  /** As many, of the same size, in [0, 1]. Another tensor than the images that came in; whoever asked disposes of it. */
  readonly images: Tensor4D;
  /**
   * Pulls a cotangent at the output back to the input, with the random numbers that were drawn: a new tensor of the
   * cotangent's shape. Absent: straight through, the cotangent as it is (Athalye, Carlini and Wagner 2018, BPDA).
   */
  readonly pullback?: (cotangent: Tensor4D) => Tensor4D | Promise<Tensor4D>;
  /** Gives back what `pullback` needs; called once, when nobody will pull back any more. */
  dispose?(): void;
}

/** A transformation as a function of a batch: what attacks see of a channel. */
export type Transformation = (images: Tensor4D, randoms: readonly Random[]) => Promise<Transformed>;

/** The cotangent at a transformation's input; the one at its output stays the caller's. A new tensor. */
export async function pullBack(transformed: Transformed, cotangent: Tensor4D): Promise<Tensor4D> {
  return transformed.pullback === undefined ? cotangent.clone() : transformed.pullback(cotangent);
}
