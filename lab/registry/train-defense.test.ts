import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Attack, defineDefense, type Examples, type FitOptions, type TrainDefense } from '@halftone/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import advTrain from '../../plugins/adv-train/index.ts';
import fgsm from '../../plugins/fgsm/index.ts';
import { choose } from '../data/sets/index.ts';
import { runDigital } from '../experiments/digital.ts';
import { openClassifier } from '../runtime/classifier.ts';
import { createRuntime, type Runtime } from '../runtime/index.ts';
import { madeUpData, tinyRecipe } from '../training/testing.ts';
import { train } from '../training/train.ts';
import { recipeWith, trainDefended } from './train-defense.ts';

const defense = advTrain as unknown as TrainDefense;
const data = madeUpData();
let runtime: Runtime;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-defended-'));
  runtime = await createRuntime({ providers: ['cpu'], threads: 1 });
});
afterAll(async () => {
  await runtime.close();
  await rm(root, { recursive: true });
});

const epsilon = 0.15;
// Dropout: the mixture is twice as long as its batch, and so must the masks be.
const layers = [
  { type: 'conv', filters: 16, kernel: 5, padding: 'same' },
  { type: 'batch-norm' },
  { type: 'activation', function: 'relu' },
  { type: 'max-pool', kernel: 2 },
  { type: 'dropout', rate: 0.25 },
  { type: 'dense', units: 3 },
];
const recipe = tinyRecipe({ network: { layers }, epochs: 15 });

/** Error of a model file on the test images, as they are and under FGSM. */
async function errors(model: string) {
  const classifier = await openClassifier(model, { providers: ['cpu'], threads: 1 });
  try {
    const { clean, adversarial } = await runDigital({
      attack: fgsm as unknown as Attack,
      classifier,
      source: choose(data, { split: 'test' }),
      parameters: { epsilon },
    });
    return { clean: 1 - clean.top1.share, adversarial: 1 - adversarial.top1.share };
  } finally {
    await classifier.close();
  }
}

test('training on the mixture takes much of the error under FGSM away', async () => {
  const bare = await train(recipe, data, { runtime, folder: join(root, 'bare') });
  const before = await errors(bare.model);
  const defended = recipeWith(recipe, defense, { epsilon });
  const { model } = await trainDefended(defense, defended, data, { runtime, folder: join(root, 'mixture') });
  const after = await errors(model);
  expect(before.adversarial).toBeGreaterThan(0.5);
  expect(after.adversarial).toBeLessThan(before.adversarial * (2 / 3));
  expect(after.clean).toBeLessThan(0.1);
});

test('a recipe with a defence is not trained without it, nor resumed with another', async () => {
  const short = tinyRecipe({ epochs: 1 });
  const defended = recipeWith(short, defense, { epsilon });
  expect(defended.defense).toEqual({
    name: 'adv-train',
    parameters: { method: 'fgsm', epsilon, alpha: 0.5, steps: 7, stepSize: (2.5 * epsilon) / 7 },
  });
  await expect(train(defended, data, { runtime, folder: join(root, 'none') })).rejects.toThrow(
    "trains with the defence 'adv-train'",
  );
  const folder = join(root, 'resumed');
  await trainDefended(defense, defended, data, { runtime, folder });
  const other = recipeWith(short, defense, { epsilon: 0.1 });
  await expect(trainDefended(defense, other, data, { runtime, folder, resume: true })).rejects.toThrow(
    'with another defense',
  );
});

test.each<[string, (teach: (options: FitOptions) => Promise<unknown>) => Promise<unknown>, string]>([
  ['trains nothing', async () => {}, 'ended without having trained'],
  [
    'makes examples without labels',
    (teach) => teach({ examples: async ({ images }) => ({ images, labels: new Int32Array(3) }) as Examples }),
    'made 20 examples with 3 labels',
  ],
  [
    'makes classes up',
    (teach) => teach({ examples: async ({ images, labels }) => ({ images, labels: labels.map(() => 3) }) }),
    'made an example of class 3',
  ],
])('a defence that %s is refused', async (name, work, message) => {
  const odd = defineDefense({
    type: 'train',
    name: 'odd',
    title: 'Odd',
    summary: 'Odd.',
    departures: [],
    parameters: {},
    train: async ({ fit }) => {
      await work(fit);
    },
  });
  const short = recipeWith(tinyRecipe({ epochs: 1 }), odd, {});
  const training = trainDefended(odd, short, data, { runtime, folder: join(root, name) });
  await expect(training).rejects.toMatchObject({ code: 'bad-plugin', message: `defense 'odd' ${message}` });
});
