import {
  distances,
  type ExampleContext,
  type Examples,
  parseParameters,
  type Random,
  seeded,
  type TensorFlow,
  type TransformContext,
  type Transformed,
} from '@halftone/sdk';
import * as tfModule from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import advTrain from './adv-train/index.ts';
import bitDepth from './bit-depth/index.ts';
import jpeg from './jpeg/index.ts';
import median from './median/index.ts';
import tvMin from './tv-min/index.ts';

const tf = ((tfModule as { default?: TensorFlow }).default ?? tfModule) as TensorFlow;
beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

type Shape = [number, number, number, number];
interface Passed {
  readonly out: Float32Array;
  readonly pulled: Float32Array | undefined;
}

/** Applies a defence, pulls a cotangent back, and sees that nothing is left behind. */
async function pass(
  defense: { apply(context: TransformContext<never>): Promise<Transformed> },
  parameters: object,
  images: { data: Float32Array; shape: Shape },
  cotangent?: Float32Array,
): Promise<Passed> {
  const before = tf.memory().numTensors;
  const tensor = tf.tensor4d(images.data.slice(), images.shape);
  const randoms = Array.from({ length: images.shape[0] }, (_, i) => seeded('images').derive(i));
  const signal = new AbortController().signal;
  const context = { tf, images: tensor, parameters: parameters as never, randoms, signal };
  const transformed = await defense.apply(context);
  const back = cotangent === undefined ? undefined : tf.tensor4d(cotangent, images.shape);
  const result = back === undefined ? undefined : await transformed.pullback?.(back);
  const out = Float32Array.from(transformed.images.dataSync());
  const pulled = result === undefined ? undefined : Float32Array.from(result.dataSync());
  tf.dispose([tensor, transformed.images, back, result].filter((t): t is Tensor4D => t !== undefined));
  transformed.dispose?.();
  expect(tf.memory().numTensors).toBe(before);
  return { out, pulled };
}

const random: Random = seeded('defenses');
const noisy = (shape: Shape) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.uniform()),
});

test('bit-depth rounds to its levels', async () => {
  const images = { shape: [1, 1, 3, 1] as Shape, data: Float32Array.of(0.49, 0.51, 1) };
  expect(Array.from((await pass(bitDepth, { bits: 1 }, images)).out)).toEqual([0, 1, 1]);
  const { out } = await pass(bitDepth, { bits: 2 }, images);
  for (const [i, level] of [1, 2, 3].entries()) expect(out[i]).toBeCloseTo(level / 3, 6);
});

test.each([3, 1] as const)(
  'jpeg gives what a file of that quality gives back, %i channels',
  async (channels) => {
    const [width, height] = [29, 19];
    const levels = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 3) % 230);
    const raw = { width, height, channels };
    const file = await sharp(levels, { raw }).jpeg({ quality: 50, chromaSubsampling: '4:2:0' }).toBuffer();
    const truth = await sharp(file)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer();
    // Two images, so that one doesn't leak into the other.
    const data = Float32Array.from([...levels, ...levels].map((level) => level / 255));
    const { out } = await pass(jpeg, { quality: 50 }, { data, shape: [2, height, width, channels] });
    const half = out.length / 2;
    expect(out.subarray(0, half)).toEqual(out.subarray(half));
    const apart = truth.reduce((sum, level, i) => sum + Math.abs(level - out[i]! * 255), 0) / truth.length;
    expect(apart).toBeLessThan(2);
    for (const value of out) expect(Math.abs(value * 255 - Math.round(value * 255))).toBeLessThan(1e-4);
  },
);

test('median takes the middle of the mirrored window, and slopes go to the pixel it is', async () => {
  const images = {
    shape: [1, 3, 3, 1] as Shape,
    data: Float32Array.of(1, 2, 3, 4, 9, 5, 6, 7, 8).map((v) => v / 10),
  };
  const { out, pulled } = await pass(
    median,
    { window: 3 },
    images,
    Float32Array.of(1, 0, 0, 0, 2, 0, 0, 0, 4),
  );
  // Corner: 1 1 1 2 2 4 4 9 … of [1,1,2,1,1,2,4,4,9]; middle of all nine; other corner of [9,5,5,7,8,8,7,8,8].
  expect([out[0], out[4], out[8]].map((v) => Math.round(v! * 10))).toEqual([2, 5, 8]);
  expect(Array.from(pulled!)).toEqual([0, 1, 0, 0, 0, 2, 0, 0, 4]);
  const same = await pass(median, { window: 1 }, images);
  expect(same.out).toEqual(images.data);
});

test.each([2, 3, 4])(
  'the slopes of a median of %i pixels are those that small steps find',
  async (window) => {
    const images = noisy([2, 5, 4, 3]);
    const cotangent = images.data.map(() => random.normal());
    const direction = images.data.map(() => 1e-4 * random.normal());
    const { out, pulled } = await pass(median, { window }, images, cotangent);
    const moved = await pass(
      median,
      { window },
      { ...images, data: images.data.map((v, i) => v + direction[i]!) },
    );
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    expect(dot(pulled!, direction)).toBeCloseTo(
      dot(
        cotangent,
        moved.out.map((v, i) => v - out[i]!),
      ),
      4,
    );
  },
);

test('tv-min finds the known minimum of a step: each side moves by weight / its width', async () => {
  const [height, width] = [6, 8];
  const data = Float32Array.from({ length: height * width }, (_, i) => (i % width < 3 ? 0.2 : 0.8));
  const images = { data, shape: [1, height, width, 1] as Shape };
  const { out } = await pass(tvMin, { weight: 0.15, drop: 0, steps: 3000 }, images);
  for (const [i, value] of out.entries()) {
    expect(value).toBeCloseTo(i % width < 3 ? 0.2 + 0.15 / 3 : 0.8 - 0.15 / 5, 3);
  }
});

test('tv-min rebuilds dropped pixels from those that stay, and other streams drop others', async () => {
  const smooth = Float32Array.from({ length: 20 * 20 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 20, Math.floor(i / 60)];
    return 0.2 + 0.02 * x + 0.01 * y;
  });
  const spoilt = smooth.map((value) => value + random.uniform(-0.05, 0.05));
  const both = Float32Array.from([...spoilt, ...spoilt]);
  const { out } = await pass(
    tvMin,
    { weight: 0.03, drop: 0.5, steps: 60 },
    { data: both, shape: [2, 20, 20, 3] },
  );
  const [one, two] = [out.subarray(0, 1200), out.subarray(1200)];
  expect(one).not.toEqual(two);
  const [before] = distances('l2', spoilt, smooth, 1);
  for (const rebuilt of [one, two])
    expect(distances('l2', rebuilt, smooth, 1)[0]).toBeLessThan(0.8 * before!);
});

/** What adv-train learns from instead of these images, where the loss climbs with every value but the first. */
async function examples(given: Record<string, unknown>, data: Float32Array) {
  const asked: number[][] = [];
  const shape: Shape = [2, 1, 3, 1];
  const images = tf.tensor4d(data.slice(), shape);
  const context: ExampleContext = {
    tf,
    images,
    labels: Int32Array.of(1, 2),
    model: {
      classes: 3,
      input: { height: 1, width: 3, channels: 1 },
      gradient: async (at) => {
        asked.push(Array.from(at.dataSync()));
        return tf.tensor4d([-1, 2, 3, -1, 2, 3], shape);
      },
    },
    randoms: [seeded(1), seeded(2)],
    signal: new AbortController().signal,
  };
  const before = tf.memory().numTensors;
  let made: Examples | undefined;
  await advTrain.train({
    parameters: parseParameters(advTrain.parameters, given, 'adv-train'),
    signal: context.signal,
    fit: async (options) => {
      made = await options.examples!(context);
      return { epochs: 1, accuracy: 1 };
    },
  });
  const values = Array.from(made!.images.dataSync());
  made!.images.dispose();
  expect(tf.memory().numTensors).toBe(before);
  images.dispose();
  return { values, asked, labels: Array.from(made!.labels), weights: made!.weights };
}

test('adv-train mixes the images with their FGSM twins, the loss weighted by alpha', async () => {
  const data = Float32Array.of(0.5, 0.5, 0.95, 0.25, 0.5, 0.75);
  const { values, labels, weights } = await examples({ epsilon: 0.125, alpha: 0.25 }, data);
  expect(values.slice(0, 6)).toEqual(Array.from(data));
  expect(values.slice(6)).toEqual([0.375, 0.625, 1, 0.125, 0.625, 0.875]);
  expect(labels).toEqual([1, 2, 1, 2]);
  expect(Array.from(weights!)).toEqual([0.125, 0.125, 0.375, 0.375]);
});

test('adv-train by pgd starts at random in the ball, climbs to its edge, and learns from that alone', async () => {
  const data = Float32Array.of(0.5, 0.5, 0.95, 0.25, 0.5, 0.75);
  const { values, asked, labels, weights } = await examples({ method: 'pgd', epsilon: 0.125 }, data);
  expect(asked).toHaveLength(7);
  const starts = asked[0]!.map((value, i) => value - data[i]!);
  expect(new Set(starts).size).toBe(6);
  expect(Math.max(...starts.map(Math.abs))).toBeLessThanOrEqual(0.125);
  expect(values).toEqual([0.375, 0.625, 1, 0.125, 0.625, 0.875]);
  expect(labels).toEqual([1, 2]);
  expect(weights).toBeUndefined();
});
