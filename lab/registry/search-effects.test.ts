import { fileURLToPath } from 'node:url';
import { type Criterion, distances, type NormName, satisfied, targeted, untargeted } from '@halftone/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mnist } from '../data/sets/mnist.ts';
import type { LabelledBatch } from '../data/sets/types.ts';
import { openClassifier } from '../runtime/classifier.ts';
import type { Classifier } from '../runtime/classifier-types.ts';
import { argmax } from '../runtime/scores.ts';
import { runAttack } from './attack-host.ts';
import { loadAttack } from './plugins.ts';

/** What the papers of the attacks that search found, on MNIST network D as it ships; after rounding to eight bits. */
const model = fileURLToPath(new URL('../../models/mnist-d.onnx', import.meta.url));
const count = 6;

let classifier: Classifier;
let set: LabelledBatch;

beforeAll(async () => {
  classifier = await openClassifier(model, { providers: ['cpu'], threads: 1 });
  const { splits } = await mnist.open('');
  set = await splits.test.read(Array.from({ length: count }, (_, i) => i));
});
afterAll(() => classifier?.close());

async function run(name: string, criterion: Criterion, parameters: object, norm: NormName) {
  const attack = await loadAttack(name);
  const { images } = set;
  const { rounded, spent } = await runAttack({
    attack,
    classifier,
    images,
    criterion,
    parameters: { ...parameters },
  });
  const predicted = argmax(await classifier.logits(rounded), classifier.classes);
  const moved = distances(norm, rounded.data, images.data, count);
  return {
    successes: satisfied(criterion, predicted).filter(Boolean).length,
    distance: Array.from(moved).toSorted((a, b) => a - b)[count / 2]!,
    queries: spent.queries / count,
  };
}

// A quick setting: a larger rate, fewer steps.
const quick = { learningRate: 0.1, steps: 150, initialConst: 1, binarySearchSteps: 5 };
/** Some thousand steps one after the other, each a way to the worker and back. */
const timeout = 600_000;

test('cw-l2 reaches every target', { timeout }, async () => {
  const targets = targeted(set.labels.map((label) => (label + 3) % 10));
  expect((await run('cw-l2', targets, quick, 'l2')).successes).toBe(count);
});

test('cw-l2 needs less change than DeepFool, and hopskipjump little more without a gradient', {
  timeout,
}, async () => {
  const criterion = untargeted(set.labels);
  const deep = await run('deepfool', criterion, { overshoot: 0.1 }, 'l2');
  const searched = await run('cw-l2', criterion, quick, 'l2');
  const walked = await run('hopskipjump', criterion, { steps: 10 }, 'l2');
  expect([searched.successes, walked.successes]).toEqual([count, count]);
  expect(searched.distance).toBeLessThan(deep.distance);
  expect(walked.distance).toBeLessThan(1.5 * searched.distance);
});

test('square fools as PGD does, with a few hundred queries', async () => {
  const found = await run('square', untargeted(set.labels), { epsilon: 0.2, queries: 1000 }, 'linf');
  expect(found.successes).toBe(count);
  expect(found.queries).toBeLessThan(300);
});
