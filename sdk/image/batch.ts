import type { Tensor4D } from '@tensorflow/tfjs-core';
import { throwIfCancelled } from '../attack.ts';
import type { TensorFlow } from '../plugin.ts';
import type { Random } from '../random.ts';
import type { Transformed } from '../transformation.ts';
import { imagesOf, valuesOf } from '../values.ts';
import type { Plane } from './blur.ts';
import { chain, type Operation, type Passed } from './operation.ts';

/** What of a channel's or defence's context sending images through operations takes. */
export interface PassContext {
  readonly tf: TensorFlow;
  /** NHWC. */
  readonly images: Tensor4D;
  readonly randoms: readonly Random[];
  readonly signal: AbortSignal;
}

/**
 * Sends each image of a batch through an operation of its own; what comes back pulls cotangents back through the same
 * operations. `make` gets the images' size and the image's stream, and gives an operation that keeps the size.
 * Throws `cancelled`.
 */
export async function passImages(
  { tf, images, randoms, signal }: PassContext,
  make: (plane: Plane, random: Random) => Operation,
): Promise<Transformed> {
  const [count, height, width, channels] = images.shape;
  const size = height * width * channels;
  const input = valuesOf(images);
  const output = new Float32Array(count * size);
  const passed: Passed[] = [];
  for (let i = 0; i < count; i++) {
    throwIfCancelled(signal);
    const one = make({ width, height, channels }, randoms[i]!)(input.slice(i * size, (i + 1) * size));
    passed.push(one);
    output.set(one.values, i * size);
  }
  return {
    images: imagesOf(tf, output, images.shape),
    pullback(cotangent) {
      const pulled = valuesOf(cotangent);
      const back = new Float32Array(count * size);
      for (const [i, one] of passed.entries()) {
        back.set(one.pullback(pulled.slice(i * size, (i + 1) * size)), i * size);
      }
      return imagesOf(tf, back, images.shape);
    },
  };
}

/** Luma's shares of the three colours (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114] as const;

/** An operation on colours as one on grey images: grey is printed and photographed in three colours, and read as luma. */
export function grey(operation: Operation): Operation {
  const widen: Operation = (input) => ({
    values: Float32Array.from({ length: input.length * 3 }, (_, i) => input[Math.floor(i / 3)]!),
    pullback: (cotangent) =>
      Float32Array.from(
        { length: input.length },
        (_, i) => cotangent[3 * i]! + cotangent[3 * i + 1]! + cotangent[3 * i + 2]!,
      ),
  });
  const narrow: Operation = (input) => ({
    values: Float32Array.from({ length: input.length / 3 }, (_, i) =>
      luma.reduce((sum, share, c) => sum + share * input[3 * i + c]!, 0),
    ),
    pullback: (cotangent) =>
      Float32Array.from({ length: input.length }, (_, i) => luma[i % 3]! * cotangent[Math.floor(i / 3)]!),
  });
  return chain(widen, operation, narrow);
}
