import type { Tensor4D } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  askLabels,
  askLogits,
  HalftoneError,
  type ImageAttack,
  type ImageTask,
  type LockstepContext,
  lockstep,
  seeded,
  targeted,
  valuesOf,
} from './index.ts';
import { tensors } from './testing/run.ts';

const tf = await tensors();

/** Images of two values; the model's logits are the values. */
function contextOf(images: number[][], signal = new AbortController().signal) {
  const count = images.length;
  const asked: number[][] = [];
  const told: number[] = [];
  const model = {
    logits: async (block: Tensor4D) => {
      asked.push(Array.from(valuesOf(block)));
      return tf.tensor2d(valuesOf(block).slice(), [block.shape[0], 2]);
    },
  };
  const context: LockstepContext = {
    tf,
    images: tf.tensor4d(images.flat(), [count, 1, 2, 1]),
    criterion: targeted(images.map((_, i) => i % 2)),
    randoms: images.map((_, i) => seeded(i)),
    signal,
    progress: (fraction) => told.push(fraction),
  };
  return { context, model, asked, told };
}

/** Adds 1 to an image as often as its first value says, asking each time. */
function* counting({ origin, progress }: ImageTask): ImageAttack<Float32Array> {
  const image = origin.slice();
  const times = origin[0]!;
  for (let k = 0; k < times; k++) {
    const logits = yield image;
    // The answer is about this very image.
    expect(Array.from(logits)).toEqual(Array.from(image));
    for (let i = 0; i < image.length; i++) image[i]! += 1;
    progress((k + 1) / times);
  }
  return image;
}

test('all images ask in one call a step, and those that are done ask no more', async () => {
  const { context, model, asked, told } = contextOf([
    [2, 0],
    [0, 5],
    [1, 7],
  ]);
  const before = tf.memory().numTensors;
  const result = await lockstep(context, counting, askLogits({ model }));
  expect(Array.from(valuesOf(result))).toEqual([4, 2, 0, 5, 2, 8]);
  expect(asked).toEqual([
    [2, 0, 1, 7],
    [3, 1],
  ]);
  // The first image half, then the third whole, then the first whole; the second said nothing.
  expect(told).toEqual([1 / 6, 1 / 2, 2 / 3, 1]);
  expect(tf.memory().numTensors).toBe(before + 1);
  result.dispose();
});

test('blocks of several images are answered image by image', async () => {
  const { context } = contextOf([
    [3, 0],
    [1, 0],
  ]);
  const labels: number[][] = [];
  const model = {
    labels: async (block: Tensor4D) => Int32Array.from({ length: block.shape[0] }, (_, i) => i),
  };
  function* attack({ origin }: ImageTask): ImageAttack<Int32Array> {
    labels.push(Array.from(yield new Float32Array(2 * origin[0]!)));
    return origin;
  }
  await lockstep(context, attack, askLabels({ model }));
  expect(labels).toEqual([[0, 1, 2], [3]]);
});

test('large blocks go in calls of their own', async () => {
  const { context } = contextOf([
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
  const calls: number[] = [];
  const labels = async (block: Tensor4D) => {
    calls.push(block.shape[0]);
    return new Int32Array(block.shape[0]);
  };
  function* attack({ origin }: ImageTask): ImageAttack<Int32Array> {
    yield new Float32Array(2 ** 21);
    return origin;
  }
  await lockstep(context, attack, askLabels({ model: { labels } }));
  expect(calls).toEqual([2 ** 21, 2 ** 20]);
});

test('cancelled between steps, and what an attack throws comes through, with nothing left behind', async () => {
  const abort = new AbortController();
  const { context, model } = contextOf([[5, 0]], abort.signal);
  const before = tf.memory().numTensors;
  const told = { ...context, progress: () => abort.abort() };
  await expect(lockstep(told, counting, askLogits({ model }))).rejects.toMatchObject({ code: 'cancelled' });
  const broken = lockstep(
    contextOf([[1, 0]]).context,
    // biome-ignore lint/correctness/useYield: it fails before it asks.
    function* (): ImageAttack<Float32Array> {
      throw new HalftoneError('bad-argument', 'no');
    },
    askLogits({ model }),
  );
  await expect(broken).rejects.toThrow('no');
  expect(tf.memory().numTensors).toBe(before + 1);
});
