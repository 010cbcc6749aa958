import {
  HalftoneError,
  imagesOf,
  restored,
  type TensorFlow,
  type TransformContext,
  type Transformed,
  valuesOf,
} from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PullbackOrder, ReleaseOrder, TransformOrder, WireArray } from '../wire.ts';
import { send } from './pipe.ts';

interface Held {
  readonly transformed: Transformed;
  readonly input: Tensor4D;
}

/** The transformed batches that the host may still pull back through, by their numbers. */
export class Transformations {
  readonly #tf: TensorFlow;
  readonly #held = new Map<number, Held>();

  constructor(tf: TensorFlow) {
    this.#tf = tf;
  }

  async apply(
    plugin: { apply(context: TransformContext): Promise<Transformed> },
    { shape, parameters, randoms, handle }: TransformOrder,
    [images]: readonly WireArray[],
  ): Promise<void> {
    const input = imagesOf(this.#tf, images as Float32Array, shape as Tensor4D['shape']);
    const transformed = await plugin.apply({
      tf: this.#tf,
      images: input,
      parameters,
      randoms: randoms.map(restored),
      signal: new AbortController().signal,
    });
    const made = transformed?.images;
    if (typeof made?.dataSync !== 'function') return send({ type: 'done' });
    this.#held.set(handle, { transformed, input });
    const pullback = typeof transformed.pullback === 'function';
    const values = made.dtype === 'float32' ? [valuesOf(made)] : [];
    send({ type: 'done', shape: made.shape, value: made.dtype, pullback }, values);
  }

  async pullback({ handle, shape }: PullbackOrder, [values]: readonly WireArray[]): Promise<void> {
    const held = this.#held.get(handle);
    if (held?.transformed.pullback === undefined)
      throw new HalftoneError('internal', `nothing is held as ${handle}`);
    const cotangent = imagesOf(this.#tf, values as Float32Array, shape as Tensor4D['shape']);
    const pulled = await held.transformed.pullback(cotangent);
    send({ type: 'done', shape: pulled.shape, value: pulled.dtype }, [valuesOf(pulled)]);
    if (!pulled.isDisposed) pulled.dispose();
    if (!cotangent.isDisposed) cotangent.dispose();
  }

  async release({ handle }: ReleaseOrder): Promise<void> {
    const held = this.#held.get(handle);
    this.#held.delete(handle);
    if (held !== undefined) {
      held.transformed.dispose?.();
      for (const tensor of [held.transformed.images, held.input]) if (!tensor.isDisposed) tensor.dispose();
    }
    send({ type: 'done' });
  }
}
