import { type Channel, parseParameters, pullBack, type Random, seeded } from '@halftone/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import brightness from './brightness/index.ts';
import contrast from './contrast/index.ts';
import gaussianBlur from './gaussian-blur/index.ts';
import gaussianNoise from './gaussian-noise/index.ts';
import jpeg from './jpeg-channel/index.ts';
import printCapture from './print-capture/index.ts';

beforeAll(() => tf.setBackend('cpu').then(() => undefined));

const signal = new AbortController().signal;

/** Smooth pictures with some detail, away from 0 and 1. */
function pictures(count: number, size: number, channels: number): tf.Tensor4D {
  const random = seeded('pictures');
  const values = Float32Array.from({ length: count * size * size * channels }, (_, i) => {
    const x = Math.floor(i / channels) % size;
    const y = Math.floor(i / channels / size) % size;
    return 0.5 + 0.2 * Math.sin(x / 3 + (i % channels)) * Math.cos(y / 4) + random.uniform(-0.1, 0.1);
  });
  return tf.tensor4d(values, [count, size, size, channels]);
}

async function pass(
  channel: Channel,
  images: tf.Tensor4D,
  given: Record<string, unknown> = {},
  randoms: readonly Random[] = Array.from({ length: images.shape[0] }, (_, i) => seeded(i)),
) {
  const parameters = parseParameters(channel.parameters, given, channel.name);
  return channel.apply({ tf, images, parameters, randoms, signal });
}

const values = (tensor: tf.Tensor) => tensor.dataSync() as Float32Array;
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Each channel, and another value of every parameter, which must change what comes out. */
const channels: [Channel, Record<string, unknown>][] = [
  [brightness as unknown as Channel, { change: -0.1 }],
  [contrast as unknown as Channel, { factor: 0.5 }],
  [gaussianBlur as unknown as Channel, { sigma: 2 }],
  [gaussianNoise as unknown as Channel, { deviation: 0.2 }],
  [jpeg as unknown as Channel, { quality: 20 }],
  [
    printCapture as unknown as Channel,
    {
      printer: 'photo-inkjet',
      camera: 'webcam-720p',
      imageSize: 20,
      angle: 50,
      leastFill: 0.3,
      exposure: 2,
      defocus: 3,
      motion: 8,
      falloff: 0.2,
      misplacement: 3,
    },
  ],
];

describe.each(channels)('$name', (channel, others) => {
  test.each([3, 1])(
    '%i colours keep their size and range, depend on their own stream alone',
    async (depth) => {
      const images = pictures(3, 20, depth);
      const { images: out } = await pass(channel, images);
      expect(out.shape).toEqual(images.shape);
      const all = values(out);
      expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...all)).toBeLessThanOrEqual(1);
      const last = tf.slice4d(images, [2, 0, 0, 0], [1, -1, -1, -1]);
      const alone = await pass(channel, last, {}, [seeded(2)]);
      expect(values(alone.images)).toEqual(all.slice((2 * all.length) / 3));
      expect(all).not.toEqual(values(images));
    },
  );

  test('every parameter changes something', async () => {
    const images = pictures(1, 20, 3);
    const plain = values((await pass(channel, images)).images);
    expect(Object.keys(others).sort()).toEqual(Object.keys(channel.parameters).sort());
    for (const [name, value] of Object.entries(others)) {
      const changed = values((await pass(channel, images, { [name]: value })).images);
      expect([name, changed.some((one, i) => one !== plain[i])]).toEqual([name, true]);
    }
  });

  test('what is pulled back is the slope, but for the steps of rounding', async () => {
    const images = pictures(2, 20, 3);
    const passed = await pass(channel, images);
    // What JPEG would throw away has no say here.
    const cotangent = tf.tensor4d(
      Float32Array.from({ length: images.size }, (_, i) => Math.sin((i % 60) / 12) + Math.cos(i / 400)),
      images.shape,
    );
    const back = values(await pullBack(passed, cotangent));
    // Along the slope itself, far enough that rounding averages out.
    const norm = Math.sqrt(dot(back, back) / back.length);
    const direction = tf.tensor4d(
      back.map((one) => (0.02 * one) / norm),
      images.shape,
    );
    const up = values((await pass(channel, tf.add(images, direction))).images);
    const down = values((await pass(channel, tf.sub(images, direction))).images);
    const change =
      dot(
        values(cotangent),
        up.map((one, i) => one - down[i]!),
      ) / 2;
    const expected = dot(back, values(direction));
    expect(Math.abs(change / expected - 1)).toBeLessThan(0.06);
    passed.dispose?.();
  });
});

test('the single transformations do what their formulas say', async () => {
  const image = tf.tensor4d([0, 0.5, 0.9, 1], [1, 2, 2, 1]);
  const of = async (channel: unknown, given: Record<string, unknown>) =>
    [...values((await pass(channel as Channel, image, given)).images)].map((value) =>
      Number(value.toFixed(5)),
    );
  expect(await of(brightness, { change: 0.2 })).toEqual([0.2, 0.7, 1, 1]);
  expect(await of(contrast, { factor: 0.5 })).toEqual([0.25, 0.5, 0.7, 0.75]);
  expect(await of(gaussianBlur, { sigma: 0.1 })).toEqual([0, 0.5, 0.9, 1]);
  const flat = tf.fill([1, 64, 64, 3], 0.5) as tf.Tensor4D;
  const noisy = values((await pass(gaussianNoise as unknown as Channel, flat, { deviation: 0.05 })).images);
  const spread = Math.sqrt(noisy.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / noisy.length);
  expect(spread).toBeCloseTo(0.05, 2);
});

test('a better camera nearer to a larger print loses less', async () => {
  const images = pictures(2, 32, 3);
  const plain = { angle: 0, exposure: 0, motion: 0, falloff: 1, misplacement: 0 };
  const detail = async (given: Record<string, unknown>) => {
    const out = values(
      (await pass(printCapture as unknown as Channel, images, { ...plain, ...given })).images,
    );
    // How much neighbours differ: what blur takes away.
    return out.reduce((sum, value, i) => sum + Math.abs(value - (out[i + 3] ?? value)), 0);
  };
  const far = await detail({ leastFill: 0.2, imageSize: 15, defocus: 2 });
  const near = await detail({ imageSize: 60, defocus: 0 });
  const phone = await detail({ imageSize: 60, defocus: 0, camera: 'phone-12mp', printer: 'photo-inkjet' });
  expect(near).toBeGreaterThan(1.2 * far);
  expect(phone).toBeGreaterThan(near);
});
