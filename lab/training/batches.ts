import { type Random, seeded } from '@halftone/sdk';
import { HalftoneError } from '@halftone/sdk/errors';
import { shuffled } from '../data/sets/order.ts';
import type { LabelledBatch, Split } from '../data/sets/types.ts';
import type { Tensor } from '../graph/ir.ts';
import type { Mask } from './build.ts';
import { drawMask } from './masks.ts';

/**
 * Which images a step sees, and what chance decides about them. Everything is drawn from the seed and the step's
 * number, never from what was drawn before: a training that resumes at any step goes on as if it had not stopped.
 */

/** Changes a batch before it is learnt from: turns, shifts, noise. It may write into the batch that it is given. */
export type Augment = (batch: LabelledBatch, random: Random) => LabelledBatch | Promise<LabelledBatch>;

/** A split's images, parted into those to learn from and those to choose the best epoch by. */
export interface Parts {
  readonly training: Int32Array;
  readonly validation: Int32Array;
}

/** Keeps `count` images apart, drawn by the seed. Throws `bad-argument` when that leaves none to learn from. */
export function holdOut(split: Split, count: number, seed: number): Parts {
  if (count >= split.count) {
    const text = `${count} validation images leave none of the ${split.count} to learn from`;
    throw new HalftoneError('bad-argument', text);
  }
  const all = Int32Array.from({ length: split.count }, (_, i) => i);
  if (count === 0) return { training: all, validation: new Int32Array(0) };
  const mixed = shuffled(split.count, seeded(seed).derive('validation'));
  return { training: mixed.slice(count).sort(), validation: mixed.slice(0, count).sort() };
}

/** A batch with the masks that belong to it. */
export interface PreparedBatch {
  readonly batch: LabelledBatch;
  /** Are the images in memory of `Batches`, to be moved away and given to `recycle` afterwards? */
  readonly own: boolean;
  readonly masks: Readonly<Record<string, Tensor>>;
}

/** Reads the batches of epochs. */
export class Batches {
  readonly stepsPerEpoch: number;
  readonly #split: Split;
  readonly #indices: Int32Array;
  readonly #size: number;
  readonly #seed: number;
  readonly #masks: readonly Mask[];
  readonly #augment: Augment | undefined;
  readonly #spare: Float32Array[] = [];
  #order: { readonly epoch: number; readonly indices: Int32Array } | undefined;

  constructor(
    split: Split,
    indices: Int32Array,
    options: { size: number; seed: number; masks: readonly Mask[]; augment?: Augment | undefined },
  ) {
    this.#split = split;
    this.#indices = indices;
    this.#size = options.size;
    this.#seed = options.seed;
    this.#masks = options.masks;
    this.#augment = options.augment;
    this.stepsPerEpoch = Math.ceil(indices.length / options.size);
  }

  /** The batch of a step, counted from 0 over all epochs. Throws what reading the images throws. */
  async prepare(step: number): Promise<PreparedBatch> {
    const start = (step % this.stepsPerEpoch) * this.#size;
    const chosen = this.#orderOf(Math.floor(step / this.stepsPerEpoch)).slice(start, start + this.#size);
    const reading = this.#split.read(chosen);
    const random = this.random(step);
    const masks = this.masks(step, chosen.length);
    const { images, labels } = await reading;
    // A copy: the memory is moved to the engine, and a data set may hand out the same array again.
    const data = this.#copy(images.data);
    const batch = { images: { ...images, data }, labels: labels.slice() };
    const changed = this.#augment ? await this.#augment(batch, random.derive('augment')) : batch;
    return { batch: changed, own: changed.images.data === data, masks };
  }

  #copy(images: Float32Array): Float32Array {
    const spare = this.#spare.pop();
    if (spare?.length !== images.length) return images.slice();
    spare.set(images);
    return spare;
  }

  /** Takes back the memory of a step's images: new memory, every step, keeps the collector busy. */
  recycle(images: Float32Array): void {
    this.#spare.push(images);
  }

  /** The masks of a step that learns from so many images. */
  masks(step: number, count: number): PreparedBatch['masks'] {
    const random = this.random(step);
    return Object.fromEntries(
      this.#masks.map((mask) => [mask.input, drawMask(mask, count, random.derive(mask.input))]),
    );
  }

  /** The stream of random numbers that belongs to a step. */
  random(step: number): Random {
    return seeded(this.#seed).derive('step').derive(step);
  }

  #orderOf(epoch: number): Int32Array {
    if (this.#order?.epoch !== epoch) {
      const random = seeded(this.#seed).derive('order').derive(epoch);
      const places = shuffled(this.#indices.length, random);
      this.#order = { epoch, indices: places.map((place) => this.#indices[place]!) };
    }
    return this.#order.indices;
  }
}
