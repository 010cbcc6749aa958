import { seeded } from '@halftone/sdk';
import { expect, test } from 'vitest';
import { memorySource } from '../data/source.ts';
import { loadAttack } from '../registry/plugins.ts';
import { linearClassifier } from '../registry/testing.ts';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { argmax } from '../runtime/scores.ts';
import { runDigital } from './digital.ts';

const input = { height: 4, width: 4, channels: 3 };
const random = seeded('digital');
const weights = Array.from({ length: 10 }, () => Array.from({ length: 48 }, () => random.normal()));
const classifier = linearClassifier(weights, input);
const images: ImageBatch = {
  ...input,
  count: 30,
  data: Float32Array.from({ length: 30 * 48 }, () => random.integer(256) / 255),
};
const labels = argmax(await classifier.logits(images), 10);
labels[3] = (labels[3]! + 1) % 10;
const source = memorySource(images, labels);

async function run(name: string, parameters: Record<string, unknown>, change: object = {}) {
  const written: ImageBatch[] = [];
  const onBatch = ({ rounded }: { rounded: ImageBatch }) => {
    written.push(rounded);
  };
  const attack = await loadAttack(name);
  const result = await runDigital({ attack, classifier, source, parameters, batch: 8, onBatch, ...change });
  const data = Float32Array.from(written.flatMap((part) => Array.from(part.data)));
  return { result, data };
}

test('what is reported is what the handed-over images give', async () => {
  const { result, data } = await run('fgsm', { epsilon: '16/255' });
  expect(result.clean.top1.successes).toBe(29);
  const predictions = argmax(await classifier.logits({ ...images, data }), 10);
  expect(result.adversarial.predictions).toEqual(Array.from(predictions));
  expect(result.adversarial.top1.successes).toBe(
    predictions.filter((label, i) => label === labels[i]).length,
  );
  expect(result.adversarial.top1.successes).toBeLessThan(15);
  expect(result.adversarial.top5.successes).toBeGreaterThan(result.adversarial.top1.successes);
  expect(data.every((value) => Math.abs(value * 255 - Math.round(value * 255)) < 1e-4)).toBe(true);
  expect(result.norms.linf.max).toBeCloseTo(16 / 255, 6);
  expect(result.spent).toEqual({ queries: 0, gradients: 30, zeroGradients: 0 });
  expect(result.parameters).toEqual({ epsilon: 16 / 255 });
  expect(result.warnings).toEqual([]);
});

test('no budget, no change; the batch makes no difference; bim spends a gradient a step', async () => {
  const none = await run('bim', { epsilon: 0, steps: 3 });
  expect(none.result.adversarial.top1).toEqual(none.result.clean.top1);
  expect(none.result.norms.l0.max).toBe(0);
  expect(none.result.fooled.successes).toBe(0);
  const one = await run('bim', { epsilon: '8/255' }, { batch: 1 });
  const all = await run('bim', { epsilon: '8/255' }, { batch: 30 });
  expect(one.data).toEqual(all.data);
  expect(all.result.spent.gradients).toBe(300);
});

test('towards a target', async () => {
  const targets = labels.map((label) => (label + 1) % 10);
  const { result } = await run('bim', { epsilon: 0.5, alpha: 0.05, steps: 40 }, { targets });
  expect(result.targetHits?.share).toBeGreaterThan(0.9);
});

test('labels that the model lacks are refused before any work', async () => {
  const wrong = memorySource(
    images,
    labels.map(() => 10),
  );
  await expect(run('fgsm', {}, { source: wrong })).rejects.toMatchObject({ code: 'bad-labels' });
});
