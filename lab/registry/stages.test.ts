import {
  defineAttack,
  defineChannel,
  defineDefense,
  type ObjectiveFunction,
  type Paper,
  seeded,
  type TransformContext,
  type Transformed,
  untargeted,
  valuesOf,
} from '@halftone/sdk';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { runAttack } from './attack-host.ts';
import { behindStages, type Stage, stageOf } from './stages.ts';
import { loadTensors } from './tensors.ts';
import { linearClassifier } from './testing.ts';

const { tf } = await loadTensors();
const input = { height: 2, width: 2, channels: 1 };
const weights = [
  [1, -2, 3, 1],
  [-1, 1, 2, 0],
  [0, 3, -1, 2],
];
const classifier = linearClassifier(weights, input);
const images: ImageBatch = {
  ...input,
  count: 2,
  data: Float32Array.of(0.1, 0.5, 0.9, 0.3, 0.2, 0.8, 0.4, 0.6),
};
const labels = Int32Array.of(0, 2);
const paper: Paper = { authors: 'A', title: 'T', year: 2020, url: 'https://example.org' };

/** A defence x ↦ scale · x, whose pullback counts what it holds. */
let held = 0;
const dim = defineDefense({
  type: 'transform',
  name: 'dim',
  title: 'Dim',
  summary: 'Scales.',
  departures: [],
  parameters: { scale: { type: 'number', min: 0, max: 9, default: 0.5, help: 'Factor.' } },
  async apply({ tf, images, parameters: { scale } }) {
    held += 1;
    return {
      images: tf.mul(images, scale),
      pullback: (cotangent) => tf.mul(cotangent, scale),
      dispose: () => {
        held -= 1;
      },
    };
  },
});

/** A defence that rounds, straight through. */
const round = defineDefense({
  type: 'transform',
  name: 'round',
  title: 'Round',
  summary: 'Rounds.',
  departures: [],
  parameters: {},
  apply: async ({ tf, images }) => ({ images: tf.round(images) }),
});

/** A channel with chance in it. */
const noise = defineChannel({
  name: 'noise',
  title: 'Noise',
  summary: 'Adds a tenth at most.',
  departures: [],
  parameters: {},
  async apply({ tf, images, randoms }) {
    const size = images.size / images.shape[0];
    const data = valuesOf(images).map((value, i) => value * randoms[Math.floor(i / size)]!.uniform(0.9, 1));
    return { images: tf.tensor4d(data, images.shape) };
  },
});

const behind = (...stages: Stage[]) => behindStages(classifier, stages, { tf, random: seeded(1) });
const ask = { images, labels, loss: { kind: 'cross-entropy' } } as const;

test('logits are of what the stages make, gradients are pulled back through them, nothing leaks', async () => {
  const tensors = tf.memory().numTensors;
  const scaled = { ...images, data: images.data.map((value) => value * 0.25) };
  const twice = behind(stageOf(dim, {}), stageOf(dim, { scale: '0.5' }));
  expect(Array.from(await twice.logits(images))).toEqual(Array.from(await classifier.logits(scaled)));
  const { gradients, losses } = await twice.gradient(ask);
  const bare = await classifier.gradient({ ...ask, images: scaled });
  expect(Array.from(gradients)).toEqual(Array.from(bare.gradients, (value) => Math.fround(value / 4)));
  expect(losses).toEqual(bare.losses);
  expect(held).toBe(0);
  expect(tf.memory().numTensors).toBe(tensors);
});

test('where a stage has no gradient it is passed straight through', async () => {
  const { gradients } = await behind(stageOf(dim, { scale: 0.5 }), stageOf(round, {})).gradient(ask);
  const rounded = { ...images, data: images.data.map((value) => Math.round(value / 2)) };
  const bare = await classifier.gradient({ ...ask, images: rounded });
  expect(Array.from(gradients)).toEqual(Array.from(bare.gradients, (value) => value / 2));
});

test('equal seeds draw equal numbers, another call others', async () => {
  const one = behind(stageOf(noise, {}));
  const first = await one.logits(images);
  expect(await behind(stageOf(noise, {})).logits(images)).toEqual(first);
  expect(await one.logits(images)).not.toEqual(first);
});

test('images with names draw by them alone, whatever is asked before or beside them', async () => {
  const named = (...names: string[]) =>
    behindStages(classifier, [stageOf(noise, {})], { tf, random: seeded(1), names });
  const both = await named('a', 'b').logits(images);
  const second = { ...images, count: 1, data: images.data.slice(4) };
  expect(await named('b').logits(second)).toEqual(both.slice(3));
  const one = named('b');
  await one.logits(second);
  expect(await one.logits(second)).toEqual(both.slice(3));
  expect(await named('c').logits(second)).not.toEqual(both.slice(3));
});

test.each<[string, (context: TransformContext) => unknown, string, string]>([
  ['hands back nothing', () => undefined, 'bad-plugin', "defense 'odd' handed back no tensor"],
  [
    'changes the size',
    ({ tf }) => ({ images: tf.zeros([2, 1, 1, 1]) }),
    'bad-plugin',
    "defense 'odd' handed back a float32 tensor of 2×1×1×1 for float32 images of 2×2×2×1",
  ],
  ['leaves the range', ({ tf, images }) => ({ images: tf.add(images, 1) }), 'bad-plugin', 'a value of 1.1'],
  ['makes NaN', ({ tf, images }) => ({ images: tf.mul(images, Number.NaN) }), 'not-finite', 'a value of NaN'],
  [
    'pulls back another shape',
    ({ tf, images }) => ({ images: images.clone(), pullback: () => tf.zeros([1]) }),
    'bad-plugin',
    "defense 'odd' pulled 2×2×2×1 back to 1",
  ],
])('a defence that %s is refused by name', async (_, apply, code, message) => {
  const odd = defineDefense({
    type: 'transform',
    name: 'odd',
    title: 'Odd',
    summary: 'Odd.',
    departures: [],
    parameters: {},
    apply: async (context) => apply(context) as Transformed,
  });
  const asked = behind(stageOf(odd, {})).gradient(ask);
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

const attackDefinition = {
  name: 'test',
  title: 'Test',
  summary: 'For tests.',
  paper,
  departures: [],
  access: 'white-box',
  criteria: ['untargeted'],
  norm: 'linf',
  parameters: {},
} as const;
const request = { classifier, images, criterion: untargeted(labels), parameters: {} };

test('an attack sees the channel that it declares, with the streams that it hands over, and no other', async () => {
  const seen: Float32Array[] = [];
  const through = defineAttack({
    ...attackDefinition,
    needs: ['channel'],
    async run({ channel, images, randoms }) {
      for (const key of [1, 1, 2]) {
        const passed = await channel(
          images,
          randoms.map((random) => random.derive(key)),
        );
        seen.push(Float32Array.from(valuesOf(passed.images)));
        passed.images.dispose();
      }
      return images;
    },
  });
  await runAttack({ ...request, attack: through, channel: stageOf(noise, {}) });
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).not.toEqual(seen[0]);
  await expect(runAttack({ ...request, attack: through })).rejects.toThrow("attack 'test' needs a channel");
  const { needs: _, ...undeclared } = through;
  await expect(runAttack({ ...request, attack: undeclared, channel: stageOf(noise, {}) })).rejects.toThrow(
    'without declaring that it needs one',
  );
});

test('an objective stated in TensorFlow.js has the gradient of the same one by name, and costs a query more', async () => {
  const negativeEntropy: ObjectiveFunction = (logits, tf) => {
    const hot = tf.oneHot(tf.tensor1d(labels, 'int32'), 3);
    return tf.neg(tf.sum(tf.mul(hot, tf.logSoftmax(logits)), 1));
  };
  const attack = defineAttack({
    ...attackDefinition,
    async run({ model, images, criterion }) {
      const named = await model.gradient(images, criterion);
      const stated = await model.gradient(images, criterion, { kind: 'function', of: negativeEntropy });
      for (const part of ['gradient', 'objective', 'logits'] as const) {
        const truth = valuesOf(named[part]);
        for (const [i, value] of valuesOf(stated[part]).entries()) expect(value).toBeCloseTo(truth[i]!, 5);
      }
      return images;
    },
  });
  const { spent } = await runAttack({ ...request, attack });
  expect(spent).toMatchObject({ queries: 2, gradients: 4 });
  const wrong = defineAttack({
    ...attackDefinition,
    async run({ model, images, criterion }) {
      await model.gradient(images, criterion, {
        kind: 'function',
        of: (logits, tf) => tf.reshape(logits, [-1]) as Tensor1D,
      });
      return images;
    },
  });
  await expect(runAttack({ ...request, attack: wrong })).rejects.toThrow('the objective gave [6]');
});

test('intermediate images reach whoever watches; they are the whole batch', async () => {
  const shown: number[][] = [];
  const attack = defineAttack({
    ...attackDefinition,
    async run({ images, report }) {
      report(images);
      return images;
    },
  });
  const watch = {
    onIntermediate: ({ start, images: { data } }: { start: number; images: ImageBatch }) =>
      shown.push([start, data[0]!]),
  };
  await runAttack({ ...request, attack, batch: 1, first: 5, ...watch });
  expect(shown).toEqual([
    [5, images.data[0]],
    [6, images.data[4]],
  ]);
});
