import { fileURLToPath } from 'node:url';
import { distances, imagesOf, type NormName, seeded, untargeted, valuesOf } from '@halftone/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mnist } from '../data/sets/mnist.ts';
import type { LabelledBatch } from '../data/sets/types.ts';
import { openClassifier } from '../runtime/classifier.ts';
import type { Classifier } from '../runtime/classifier-types.ts';
import { argmax } from '../runtime/scores.ts';
import { type AttackOutcome, runAttack } from './attack-host.ts';
import { loadAttack, loadBuiltIn } from './plugins.ts';
import { passThrough, type Stage, stageOf } from './stages.ts';
import { loadTensors } from './tensors.ts';

/** What the papers found, on MNIST network D as it ships and the first images of the test set. */
const model = fileURLToPath(new URL('../../models/mnist-d.onnx', import.meta.url));

describe('attacks on MNIST', () => {
  let classifier: Classifier;
  let set: LabelledBatch;
  let right: number[] = [];

  const classify = async (data: Float32Array) =>
    argmax(await classifier.logits({ ...set.images, data }), classifier.classes);
  const median = (values: ArrayLike<number>) =>
    Array.from(values).toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

  beforeAll(async () => {
    classifier = await openClassifier(model, { providers: ['cpu'], threads: 1 });
    const { splits } = await mnist.open('');
    set = await splits.test.read(Array.from({ length: 50 }, (_, i) => i));
    const predicted = await classify(set.images.data);
    right = [...set.labels.keys()].filter((i) => predicted[i] === set.labels[i]);
    expect(right.length).toBeGreaterThan(45);
  });
  afterAll(() => classifier?.close());

  async function run(name: string, given: object, channel?: Stage): Promise<AttackOutcome> {
    const criterion = untargeted(set.labels);
    const attack = await loadAttack(name);
    const through = channel === undefined ? {} : { channel };
    return runAttack({
      attack,
      classifier,
      images: set.images,
      criterion,
      parameters: { ...given },
      ...through,
    });
  }

  /** The share fooled of the images that were right, and the median distance of those. */
  async function effect(outcome: AttackOutcome, kind: 'raw' | 'rounded', norm: NormName = 'l2') {
    const { data } = outcome[kind];
    const now = await classify(data);
    const moved = distances(norm, data, set.images.data, set.images.count);
    return {
      fooled: right.filter((i) => now[i] !== set.labels[i]).length / right.length,
      distance: median(right.map((i) => moved[i]!)),
    };
  }

  const fooledBy = async (name: string, parameters: object) =>
    (await effect(await run(name, parameters), 'rounded')).fooled;

  test.each([
    // Goodfellow et al.: 89.4% of MNIST at ε = 0.25 (another network).
    ['fgsm', { epsilon: 0.25 }, 0.8],
    ['rand-fgsm', { epsilon: 0.3 }, 0.8],
    ['least-likely', { epsilon: 0.3, alpha: 0.02, steps: 30 }, 0.8],
    ['mi-fgsm', { epsilon: 0.15 }, 0.8],
    ['pgd', { norm: 'l2', epsilon: 2.5 }, 0.8],
    // Moosavi-Dezfooli et al.: one perturbation fools most images.
    ['uap', { epsilon: 0.3, passes: 4 }, 0.5],
  ] as const)('%s %o fools the network', async (name, parameters, share) => {
    expect(await fooledBy(name, parameters)).toBeGreaterThan(share);
  });

  test('many steps fool more than one, PGD and Auto-PGD most', async () => {
    const epsilon = 0.08;
    const one = await fooledBy('fgsm', { epsilon });
    const many = await fooledBy('bim', { epsilon, alpha: 0.01, steps: 20 });
    const descent = await fooledBy('pgd', { epsilon });
    const auto = await fooledBy('apgd', { epsilon, loss: 'cross-entropy', steps: 50 });
    expect(many).toBeGreaterThan(one);
    // Random starts may cost an image or gain one.
    expect(descent).toBeGreaterThanOrEqual(many - 0.04);
    expect(auto).toBeGreaterThanOrEqual(descent);
  });

  test('noise of the same size does next to nothing', async () => {
    expect(await fooledBy('rand-fgsm', { epsilon: 0.1, alpha: 0.1 })).toBeLessThan(0.1);
  });

  test('DeepFool fools all, with a fraction of the change that FGSM needs', async () => {
    const deep = await effect(await run('deepfool', {}), 'raw');
    const fast = await effect(await run('fgsm', { epsilon: 0.25 }), 'raw');
    expect(deep.fooled).toBe(1);
    expect(deep.distance).toBeLessThan(0.4 * fast.distance);
    const flat = await effect(await run('deepfool', { norm: 'linf' }), 'raw', 'linf');
    expect(flat.fooled).toBe(1);
    expect(flat.distance).toBeLessThan(0.15);
  });

  test('what is made in expectation over a channel outlives it better', async () => {
    const channel = stageOf(await loadBuiltIn('channel', 'gaussian-blur'), { sigma: 1 });
    const { tf } = await loadTensors();
    const { count, height, width, channels } = set.images;
    const fooledThrough = async ({ rounded }: AttackOutcome) => {
      const images = imagesOf(tf, rounded.data.slice(), [count, height, width, channels]);
      const randoms = Array.from({ length: count }, (_, i) => seeded(i));
      const signal = new AbortController().signal;
      const passed = await passThrough(channel, { tf, images, randoms, signal });
      const now = await classify(valuesOf(passed.images));
      tf.dispose([images, passed.images]);
      passed.dispose?.();
      return right.filter((i) => now[i] !== set.labels[i]).length / right.length;
    };
    const plain = await fooledThrough(await run('bim', { epsilon: 0.06, alpha: 0.006, steps: 15 }));
    const meant = await fooledThrough(
      await run('eot-pgd', { epsilon: 0.06, steps: 15, samples: 1 }, channel),
    );
    expect(meant).toBeGreaterThan(plain + 0.05);
  });

  test('rubbish: the network is sure of what grew from noise', async () => {
    const { rounded } = await run('rubbish', { confidence: 0.95 });
    const logits = await classifier.logits(rounded);
    for (let i = 0; i < rounded.count; i++) {
      const row = Array.from(logits.subarray(i * 10, (i + 1) * 10)).map(Math.exp);
      expect(Math.max(...row) / row.reduce((a, b) => a + b)).toBeGreaterThan(0.94);
    }
  });
});
