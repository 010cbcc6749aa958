import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Random } from './random.ts';
import { gradientAt, type Slope } from './steps.ts';
import { pullBack, type Transformation } from './transformation.ts';
import { imagesOf, valuesOf } from './values.ts';

/** What `expectedGradient` needs of an attack's context. */
export interface Expectation extends Slope {
  readonly channel: Transformation;
}

/**
 * The gradient of the cross-entropy to climb, in the mean over passages through the channel: Athalye, Engstrom, Ilyas,
 * Kwok (2018), equation 2. Each passage draws anew from streams derived from `randoms` (one an image, of the step that
 * asks); gradients flow back through what is smooth in the channel. `samples` gradients an image; the caller disposes
 * of the tensor.
 */
export async function expectedGradient(
  context: Expectation,
  images: Tensor4D,
  randoms: readonly Random[],
  samples: number,
): Promise<Tensor4D> {
  const sum = new Float32Array(images.size);
  for (let sample = 0; sample < samples; sample++) {
    const pulled = await gradientThrough(
      context,
      images,
      randoms.map((random) => random.derive(sample)),
    );
    const values = valuesOf(pulled);
    for (let i = 0; i < sum.length; i++) sum[i]! += values[i]! / samples;
    pulled.dispose();
  }
  return imagesOf(context.tf, sum, images.shape);
}

/** The gradient of the cross-entropy to climb, through one passage; the caller disposes of it. */
export async function gradientThrough(
  context: Expectation,
  images: Tensor4D,
  randoms: readonly Random[],
): Promise<Tensor4D> {
  const transformed = await context.channel(images, randoms);
  try {
    const gradient = await gradientAt(context, transformed.images);
    try {
      return await pullBack(transformed, gradient);
    } finally {
      gradient.dispose();
    }
  } finally {
    transformed.images.dispose();
    transformed.dispose?.();
  }
}
