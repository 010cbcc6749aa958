import {
  type AttackContext,
  type AttackDefinition,
  classesOf,
  defineAttack,
  distances,
  type HalftoneError,
  type ParameterSchema,
  seeded,
  targeted,
  untargeted,
} from '@halftone/sdk';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { runAttack } from './attack-host.ts';
import { linearClassifier } from './testing.ts';

const input = { height: 2, width: 2, channels: 3 };
const random = seeded('weights');
const weights = Array.from({ length: 4 }, () => Array.from({ length: 12 }, () => random.normal()));
const classifier = linearClassifier(weights, input);
const images: ImageBatch = {
  ...input,
  count: 5,
  data: Float32Array.from({ length: 60 }, () => random.uniform(0.2, 0.8)),
};
const criterion = untargeted([0, 1, 2, 3, 0]);

type Context = AttackContext<'white-box', ParameterSchema>;
type Definition = AttackDefinition<'white-box', ParameterSchema>;

/** An attack that does nothing, but for what a test brings. */
function attackWith(change: object) {
  const definition: Definition = {
    name: 'test',
    title: 'Test',
    summary: 'For tests.',
    paper: { authors: 'A', title: 'T', year: 2020, url: 'https://example.org' },
    departures: [],
    access: 'white-box',
    criteria: ['untargeted'],
    norm: 'linf',
    budget: 'epsilon',
    parameters: { epsilon: { type: 'number', min: 0, max: 1, default: 0.1, help: 'Size.' } },
    run: async ({ images }) => images,
  };
  return defineAttack({ ...definition, ...change });
}

/** An attack that changes values one by one. */
function changing(change: (value: number, at: number, context: Context) => number) {
  return attackWith({
    run: async (context: Context) => {
      const { tf, images } = context;
      const data = Float32Array.from(images.dataSync(), (value, at) => change(value, at, context));
      return tf.tensor4d(data, images.shape);
    },
  });
}

const request = { classifier, images, criterion, parameters: {} };

test('an attack that leaves its ball and the range is put back and reported', async () => {
  // Image 1 goes far out, image 2 a little outside the ball, the rest stay.
  const attack = changing((value, at) => (at < 12 || at >= 36 ? value : at < 24 ? 7 : value - 0.15));
  const { raw, rounded, violations } = await runAttack({ ...request, attack, first: 10 });
  expect(violations.map(({ image, bound }) => [image, bound])).toEqual([
    [11, 'range'],
    [11, 'linf'],
    [12, 'linf'],
  ]);
  expect(violations[0]!.found).toBe(7);
  expect(Math.max(...distances('linf', raw.data, images.data, 5))).toBeLessThanOrEqual(0.1 + 1e-6);
  expect(raw.data.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(rounded.data).toEqual(raw.data.map((value) => Math.round(value * 255) / 255));
});

test.each([
  ['white-box', ['backward', 'classes', 'gradient', 'input', 'labels', 'logits', 'probabilities']],
  ['score', ['classes', 'input', 'labels', 'logits', 'probabilities']],
  ['decision', ['classes', 'input', 'labels']],
])('%s access offers that and no more', async (access, offered) => {
  let seen: string[] = [];
  const attack = attackWith({
    access,
    run: async ({ model, images }: Context) => {
      seen = Object.keys(model).sort();
      return images;
    },
  });
  await runAttack({ ...request, attack });
  expect(seen).toEqual(offered);
});

test('queries and gradients are counted in images, and agree with the closed forms', async () => {
  const attack = attackWith({
    run: async ({ tf, model, images, criterion }: Context) => {
      await model.labels(images);
      const probabilities = await model.probabilities(images);
      const { gradient } = await model.gradient(images, criterion);
      // d CE / d logits = softmax − one-hot: handed in from outside it must give the same gradient.
      const truth = tf.oneHot(tf.tensor1d(classesOf(criterion), 'int32'), 4);
      const again = await model.backward(images, tf.sub<Tensor2D>(probabilities, truth));
      const values = again.dataSync();
      for (const [i, value] of gradient.dataSync().entries()) expect(value).toBeCloseTo(values[i]!, 5);
      return images;
    },
  });
  const { spent } = await runAttack({ ...request, attack, batch: 2 });
  expect(spent).toEqual({ queries: 10, gradients: 10, zeroGradients: 0 });
});

test('random numbers follow the seed and the image, not the batch', async () => {
  const attack = changing(
    (value, at, { randoms }) => value + randoms[Math.floor(at / 12)]!.uniform(-0.1, 0.1),
  );
  const run = async (seed: number, batch: number) =>
    (await runAttack({ ...request, attack, seed, batch })).raw.data;
  const one = await run(1, 5);
  expect(await run(1, 2)).toEqual(one);
  expect(await run(2, 5)).not.toEqual(one);
});

const nan: ImageBatch = { ...images, data: images.data.map((v, i) => (i === 30 ? Number.NaN : v)) };
const bright: ImageBatch = { ...images, data: images.data.map((v) => v * 255) };

test.each<[string, object, object, string, string]>([
  ['an unknown parameter', { parameters: { eps: 1 } }, {}, 'bad-argument', "no parameter 'eps'"],
  [
    'a criterion it lacks',
    { criterion: targeted([0, 0, 0, 0, 0]) },
    {},
    'bad-argument',
    "'test' can't be targeted",
  ],
  [
    'a label too large',
    { criterion: untargeted([0, 1, 2, 3, 4]) },
    {},
    'bad-labels',
    'label 4 of image 4 is outside 0 to 3',
  ],
  ['a negative label', { criterion: untargeted([0, -1, 2, 3, 3]) }, {}, 'bad-labels', 'label -1 of image 1'],
  ['too few labels', { criterion: untargeted([0]) }, {}, 'bad-labels', '1 labels for 5 images'],
  [
    'images of another size',
    { images: { ...images, height: 1, width: 4 } },
    {},
    'bad-image',
    'images are 1×4×3',
  ],
  ['NaN in an image', { images: nan }, {}, 'not-finite', 'image 2 holds NaN'],
  ['images of 0 to 255', { images: bright }, {}, 'bad-image', 'values must lie in 0 to 1'],
  [
    'an attack that returns nothing',
    {},
    { run: async () => undefined },
    'bad-plugin',
    "'test' handed back no tensor",
  ],
  [
    'an attack that throws',
    {},
    {
      run: async () => {
        throw new Error('oops');
      },
    },
    'bad-plugin',
    "'test' failed: oops",
  ],
  ['a run that is cancelled', { signal: AbortSignal.abort() }, {}, 'cancelled', 'cancelled'],
])('%s is refused', async (_, asked, change, code, message) => {
  const error = await runAttack({ ...request, ...asked, attack: attackWith(change) }).catch(
    (e: HalftoneError) => e,
  );
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
});

test('NaN from an attack is refused with the image it is in', async () => {
  const attack = changing((value, at) => (at === 50 ? Number.NaN : value));
  await expect(runAttack({ ...request, attack })).rejects.toThrow("attack 'test': image 4 holds NaN");
});
