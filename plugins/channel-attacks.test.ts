import {
  distances,
  expectedGradient,
  imagesOf,
  type Random,
  seeded,
  type Transformation,
  targeted,
  untargeted,
  valuesOf,
} from '@halftone/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import eotPgd from './eot-pgd/index.ts';
import patchAttack from './patch/index.ts';
import { type Placement, paste, pullToPatch } from './patch/placement.ts';
import { modelOf, runOn } from './testing.ts';

beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

const input = { height: 8, width: 8, channels: 1 };
const size = 64;
const classes = 4;
const count = 3;
const draw = seeded('channels');
const weights = Float32Array.from({ length: size * classes }, () => draw.normal(0, 0.3));
const start = Float32Array.from({ length: count * size }, () => draw.uniform(0.4, 0.6));
const labels = [0, 1, 2];

/** t(x) = a x, a drawn for each image; gradients come back scaled by it. */
function fading(drawn: number[], pullback = true): Transformation {
  return async (images, randoms) => {
    const scales = randoms.map((random) => random.uniform(0.2, 1));
    drawn.push(...scales);
    const scaled = (tensor: Tensor4D) =>
      imagesOf(
        tf,
        valuesOf(tensor).map((value, i) => value * scales[Math.floor(i / size)]!),
        tensor.shape,
      );
    return { images: scaled(images), ...(pullback ? { pullback: scaled } : {}) };
  };
}

test('the expected gradient is the mean over passages, each pulled back through the channel', async () => {
  const { model, asked } = modelOf(tf, { input, weights, classes, curved: true });
  const drawn: number[] = [];
  const images = tf.tensor4d(start, [count, 8, 8, 1]);
  const criterion = untargeted(labels);
  const randoms: Random[] = labels.map((i) => seeded(i));
  const before = tf.memory().numTensors;
  const found = await expectedGradient({ tf, model, criterion, channel: fading(drawn) }, images, randoms, 4);
  expect(tf.memory().numTensors).toBe(before + 1);
  expect(asked.gradients).toBe(4 * count);
  expect(new Set(drawn).size).toBe(4 * count);
  const expected = new Float64Array(count * size);
  for (let sample = 0; sample < 4; sample++) {
    const scales = drawn.slice(sample * count, (sample + 1) * count);
    const shown = start.map((value, i) => value * scales[Math.floor(i / size)]!);
    const { gradient } = await model.gradient(tf.tensor4d(shown, [count, 8, 8, 1]), criterion);
    for (const [i, g] of gradient.dataSync().entries())
      expected[i]! += (g * scales[Math.floor(i / size)]!) / 4;
  }
  for (const [i, value] of valuesOf(found).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
});

test('where the channel has no gradient it passes straight through', async () => {
  const { model } = modelOf(tf, { input, weights, classes });
  const images = tf.tensor4d(start, [count, 8, 8, 1]);
  const criterion = untargeted(labels);
  const channel = fading([], false);
  const randoms = labels.map((i) => seeded(i));
  const found = await expectedGradient({ tf, model, criterion, channel }, images, randoms, 1);
  const scales = labels.map((i) => seeded(i).derive(0).uniform(0.2, 1));
  const shown = start.map((value, i) => value * scales[Math.floor(i / size)]!);
  const { gradient } = await model.gradient(tf.tensor4d(shown, [count, 8, 8, 1]), criterion);
  expect(Array.from(valuesOf(found))).toEqual(Array.from(gradient.dataSync()));
});

test.each(['linf', 'l2'] as const)(
  'eot-pgd under %s: ball, counts, seed, nothing left behind',
  async (norm) => {
    const { model, asked } = modelOf(tf, { input, weights, classes });
    const drawn: number[] = [];
    const parameters = { norm, epsilon: 0.1, steps: 5, samples: 3, randomStart: true };
    const trial = {
      tf,
      model,
      images: start,
      criterion: untargeted(labels),
      parameters,
      channel: fading(drawn),
    };
    const { result, leaked } = await runOn(eotPgd, trial);
    expect(leaked).toBe(0);
    expect(asked).toMatchObject({ queries: 0, gradients: count * 5 * 3 });
    // Every step draws anew.
    expect(new Set(drawn).size).toBe(count * 5 * 3);
    expect(Math.max(...distances(norm, result, start, count))).toBeLessThanOrEqual(0.1 + 1e-6);
    expect((await runOn(eotPgd, trial)).result).toEqual(result);
  },
);

const turned: Placement = { x: 3.3, y: 4.1, side: 4.6, angle: 0.4 };
const form = { side: 5, channels: 1, shape: 'square' } as const;

test('pulling a cotangent to the patch is the transpose of pasting it', () => {
  const random = seeded('transpose');
  const cotangent = Float32Array.from({ length: size }, () => random.normal());
  const patch = Float64Array.from({ length: 25 }, () => random.uniform());
  const pasted = new Float32Array(size);
  paste(pasted, input, patch, form, turned);
  const pulled = new Float64Array(25);
  pullToPatch(cotangent, input, pulled, form, turned);
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
  expect(dot(pasted, cotangent)).toBeCloseTo(dot(patch, pulled), 5);
});

test('a patch laid straight, at its own size, is copied value by value; a disc leaves its corners out', () => {
  const patch = Float64Array.from({ length: 16 }, (_, i) => i / 16);
  const straight: Placement = { x: 4, y: 3, side: 4, angle: 0 };
  const image = new Float32Array(size).fill(2);
  paste(image, input, patch, { side: 4, channels: 1, shape: 'square' }, straight);
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      const inside = x >= 2 && x < 6 && y >= 1 && y < 5;
      expect(image[y * 8 + x]).toBeCloseTo(inside ? patch[(y - 1) * 4 + x - 2]! : 2, 6);
    }
  }
  const round = new Float32Array(size).fill(2);
  paste(round, input, patch, { side: 4, channels: 1, shape: 'disc' }, straight);
  const left = [...round.keys()].filter((i) => image[i] !== 2 && round[i] === 2);
  expect(left).toEqual([10, 13, 34, 37]);
});

test('a quarter turn is clockwise', () => {
  const patch = Float64Array.of(0, 1, 2, 3);
  const image = new Float32Array(size);
  const quarter: Placement = { x: 4, y: 4, side: 2, angle: Math.PI / 2 };
  paste(image, input, patch, { side: 2, channels: 1, shape: 'square' }, quarter);
  const shown = [image[3 * 8 + 3]!, image[3 * 8 + 4]!, image[4 * 8 + 3]!, image[4 * 8 + 4]!];
  for (const [i, value] of [2, 0, 3, 1].entries()) expect(shown[i]).toBeCloseTo(value, 6);
});

test('patch: one picture brings all images to the target, and changes nothing beside it', async () => {
  // Light anywhere speaks for class 3, so that a white patch is best wherever it lies.
  const light = Float32Array.from({ length: size * classes }, (_, i) => (i % classes === 3 ? 0.1 : 0));
  const { model, asked } = modelOf(tf, { input, weights: light, classes });
  const parameters = { size: 0.5, shrink: 1, turn: 10, shape: 'disc', steps: 60, batch: 2, rate: 0.1 };
  const trial = { tf, model, images: start, criterion: targeted([3, 3, 3]), parameters, channel: fading([]) };
  const { result, leaked } = await runOn(patchAttack, trial);
  expect(leaked).toBe(0);
  expect(asked).toMatchObject({ queries: 0, gradients: 60 * 2 });
  expect((await runOn(patchAttack, trial)).result).toEqual(result);
  for (let i = 0; i < count; i++) {
    const changed = [...Array(size).keys()].filter((k) => result[i * size + k] !== start[i * size + k]);
    // A disc of four pixels across has an area of 12.6.
    expect(changed.length).toBeGreaterThanOrEqual(9);
    expect(changed.length).toBeLessThanOrEqual(17);
    for (const k of changed) expect(result[i * size + k]).toBeGreaterThan(0.99);
  }
});
