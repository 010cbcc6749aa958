import { HalftoneError } from '@halftone/sdk/errors';
import type { Tensor } from '../graph/ir.ts';
import type { BuiltNetwork, Weights } from './build.ts';
import type { Checkpoint, NamedArray, TrainingProgress } from './checkpoint.ts';
import { clippingScale, globalNorm, type Slots, slotCount, updateWeights } from './optimizer.ts';
import type { Recipe } from './recipe.ts';
import { rateFactor } from './schedule.ts';
import type { StepResult } from './step.ts';

/** All that changes while a network is trained: weights, running statistics, the optimizer's memory. */
export class TrainingState {
  progress: TrainingProgress;
  readonly #recipe: Recipe;
  readonly #network: BuiltNetwork;
  readonly #weights: ReadonlyMap<string, Weight>;
  readonly #slots: ReadonlyMap<string, Slots>;
  readonly #spare = new Map<string, Float32Array>();

  /** Begins with the network's first weights, or where a checkpoint stands. */
  constructor(recipe: Recipe, network: BuiltNetwork, from?: Checkpoint) {
    this.#recipe = recipe;
    this.#network = network;
    this.progress = from?.progress ?? { step: 0, lossSum: 0, seen: 0, right: 0, history: [] };
    const saved = new Map(from?.arrays.map(({ name, data }) => [name, data]));
    const own = (name: string, length: number, first: () => Float32Array): Float32Array => {
      const data = from ? saved.get(name) : first();
      if (data?.length === length) return data;
      throw new HalftoneError('bad-file', `the checkpoint's '${name}' doesn't fit the network`);
    };
    this.#weights = new Map(
      [...network.weights].map(([name, { dims, data }]) => [
        name,
        { dims, data: own(name, data.length, () => (data as Float32Array).slice()) },
      ]),
    );
    this.#slots = new Map(
      network.trained.map((name) => {
        const { length } = network.weights.get(name)!.data;
        const slot = (i: number) => own(slotName(name, i), length, () => new Float32Array(length));
        return [name, Array.from({ length: slotCount(recipe.optimizer) }, (_, i) => slot(i))];
      }),
    );
  }

  /** The weights as they are now, statistics included. They change with the next step. */
  get weights(): Weights {
    return new Map([...this.#weights].map(([name, w]) => [name, { dtype: 'float32' as const, ...w }]));
  }

  /** Copies of the weights of these names, for a step to take and to give to `recycle` afterwards. */
  feeds(names: Iterable<string>): Record<string, Tensor> {
    return Object.fromEntries([...names].map((name) => [name, this.#copy(name)]));
  }

  #copy(name: string): Tensor {
    const { dims, data } = this.#weights.get(name)!;
    const spare = this.#spare.get(name);
    this.#spare.delete(name);
    if (!spare) return { dtype: 'float32', dims, data: data.slice() };
    spare.set(data);
    return { dtype: 'float32', dims, data: spare };
  }

  /**
   * Takes back the memory of feeds. Written to once more it costs a seventh of memory that is new, which the system
   * has to clear and map page by page.
   */
  recycle(feeds: Readonly<Record<string, Tensor>>): void {
    for (const [name, { data }] of Object.entries(feeds)) {
      if (this.#weights.get(name)?.data.length === data.length) this.#spare.set(name, data as Float32Array);
    }
  }

  /** One optimizer step by these gradients; `plan` says where the training stands. Returns the learning rate. */
  update(result: StepResult, plan: { stepsPerEpoch: number; totalSteps: number }): number {
    const { optimizer, schedule, clipNorm, weightDecay } = this.#recipe;
    const { step } = this.progress;
    const rate = optimizer.rate * rateFactor(schedule, { step, ...plan });
    const scale = clipNorm === undefined ? 1 : clippingScale(globalNorm(result.gradients.values()), clipNorm);
    for (const [name, gradient] of result.gradients) {
      const { dims, data } = this.#weights.get(name)!;
      const decay = dims.length >= 2 ? weightDecay : 0;
      updateWeights(optimizer, data, gradient, this.#slots.get(name)!, {
        step: step + 1,
        rate,
        scale,
        decay,
      });
    }
    for (const { mean, variance, batchMean, batchVariance, momentum } of this.#network.statistics) {
      this.#follow(mean, result.values.get(batchMean)!, momentum);
      this.#follow(variance, result.values.get(batchVariance)!, momentum);
    }
    this.progress = { ...this.progress, step: step + 1 };
    return rate;
  }

  #follow(name: string, batch: Float32Array, momentum: number): void {
    const { data } = this.#weights.get(name)!;
    for (let i = 0; i < data.length; i++) data[i] = momentum * data[i]! + (1 - momentum) * batch[i]!;
  }

  /** Name of a weight that holds a NaN or an infinity; undefined where all are well. */
  brokenWeight(): string | undefined {
    for (const [name, { data }] of this.#weights) {
      for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return name;
    }
    return undefined;
  }

  checkpoint(): Checkpoint {
    const weights = [...this.#weights].map(([name, { dims, data }]): NamedArray => ({ name, dims, data }));
    const slots = [...this.#slots].flatMap(([name, arrays]) =>
      arrays.map((data, i): NamedArray => ({ name: slotName(name, i), dims: [data.length], data })),
    );
    return { recipe: this.#recipe, progress: this.progress, arrays: [...weights, ...slots] };
  }
}

interface Weight {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const slotName = (weight: string, i: number) => `optimizer/${weight}/${i}`;
