import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '@halftone/sdk';
import { HalftoneError } from '@halftone/sdk/errors';
import { findSet } from '../lab/data/sets/index.ts';
import type { DataSet, Split } from '../lab/data/sets/types.ts';
import { createRuntime } from '../lab/runtime/index.ts';
import { augmenter } from '../lab/training/augment.ts';
import type { Recipe } from '../lab/training/recipe.ts';
import { train } from '../lab/training/train.ts';

/** Our side of the training comparison: the lab's own loop, stopped and let go between batches. */

/** So many images of noise stand for a data set that would be drawn. */
const NOISE_IMAGES = 1024;

/**
 * The recipe's data set. Of one that is drawn, the images are noise that lies in memory: drawing is measured by
 * `signs.ts`, and from the second epoch on drawn images lie in memory too.
 */
export async function benchData(recipe: Recipe): Promise<DataSet> {
  const data = await findSet(recipe.data).open('');
  if (recipe.data === 'mnist') return data;
  const { train: drawn, test } = data.splits;
  const noise = noiseSplit(data, drawn.count);
  return { ...data, splits: { train: noise, test } };
}

function noiseSplit({ height, width, channels, classes }: DataSet, count: number): Split {
  const size = height * width * channels;
  const random = seeded('noise');
  const pool = Float32Array.from({ length: NOISE_IMAGES * size }, () => random.uniform());
  const labels = (indices: ArrayLike<number>) => Int32Array.from(indices, (i) => i % classes.length);
  return {
    count,
    labels,
    read: async (indices) => {
      const data = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) {
        const start = (indices[i]! % NOISE_IMAGES) * size;
        data.set(pool.subarray(start, start + size), i * size);
      }
      return { images: { data, count: indices.length, height, width, channels }, labels: labels(indices) };
    },
  };
}

/** A training that takes as many steps as it is told to. */
export interface SteppedTraining {
  /** Milliseconds that the next `count` steps took, from the moment of asking. */
  steps(count: number): Promise<number>;
  close(): Promise<void>;
}

/** Begins a training and holds it before its first batch is prepared to the end. */
export async function openTraining(recipe: Recipe, data: DataSet, threads: number): Promise<SteppedTraining> {
  const folder = await mkdtemp(join(tmpdir(), 'halftone-bench-'));
  const runtime = await createRuntime({ providers: ['cpu'], threads });
  const gate = new Gate();
  const stop = new AbortController();
  const own = recipe.augment && augmenter(recipe.augment);
  const running = train({ ...recipe, validation: undefined, patience: undefined, epochs: 100_000 }, data, {
    runtime,
    folder,
    signal: stop.signal,
    checkpointSeconds: Number.POSITIVE_INFINITY,
    augment: async (batch, random) => {
      await gate.pass();
      return own ? own(batch, random) : batch;
    },
    onProgress: ({ step }) => gate.done(step),
  });
  running.catch((error: unknown) => gate.fail(error));
  return {
    steps: (count) => gate.open(count),
    close: async () => {
      stop.abort();
      gate.release();
      await running.catch((error: unknown) => {
        if (!(error instanceof HalftoneError && error.code === 'cancelled')) throw error;
      });
      await runtime.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Lets a number of batches through, and says when the last of them has been learnt from. */
class Gate {
  #allowed = 0;
  #passed = 0;
  #go = Promise.withResolvers<void>();
  #end = Promise.withResolvers<void>();

  /** What each batch waits at, in turn. */
  async pass(): Promise<void> {
    while (this.#passed >= this.#allowed) await this.#go.promise;
    this.#passed += 1;
  }

  async open(count: number): Promise<number> {
    const start = performance.now();
    this.#allowed += count;
    this.#end = Promise.withResolvers<void>();
    this.release(this.#allowed);
    await this.#end.promise;
    return performance.now() - start;
  }

  done(step: number): void {
    if (step === this.#allowed) this.#end.resolve();
  }

  fail(error: unknown): void {
    this.#end.reject(error);
  }

  release(allowed = Number.POSITIVE_INFINITY): void {
    this.#allowed = allowed;
    this.#go.resolve();
    this.#go = Promise.withResolvers<void>();
  }
}
