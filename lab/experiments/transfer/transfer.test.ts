import { seeded } from '@halftone/sdk';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../data/source.ts';
import { loadAttack } from '../../registry/plugins.ts';
import { linearClassifier } from '../../registry/testing.ts';
import type { Classifier, ImageBatch } from '../../runtime/classifier-types.ts';
import { argmax } from '../../runtime/scores.ts';
import { type NamedModel, runTransfer, type TransferRequest } from './transfer.ts';

const input = { height: 4, width: 4, channels: 3 };
const random = seeded('transfer');
const first = Array.from({ length: 5 }, () => Array.from({ length: 48 }, () => random.normal()));
/** Almost the first model, and one that has nothing to do with it. */
const near = first.map((row) => row.map((weight) => weight + 0.3 * random.normal()));
const far = Array.from({ length: 5 }, () => Array.from({ length: 48 }, () => random.normal()));
const images: ImageBatch = {
  ...input,
  count: 60,
  data: Float32Array.from({ length: 60 * 48 }, () => random.integer(256) / 255),
};
const labels = argmax(await linearClassifier(first, input).logits(images), 5);

function named(name: string, classifier: Classifier): NamedModel {
  return { name, use: (work) => work(classifier) };
}

const a = named('a', linearClassifier(first, input));
const b = named('b', linearClassifier(near, input));
const c = named('c', linearClassifier(far, input));
const variant = { key: 'fgsm', attack: await loadAttack('fgsm'), parameters: { epsilon: '24/255' } };
const request: TransferRequest = {
  sources: [a],
  targets: [a, b, c],
  variants: [variant],
  images: async () => memorySource(images, labels),
};

describe('runTransfer', () => {
  it('counts only images that the target has right when clean, and transfers best to the likest model', async () => {
    const { cells, spent } = await runTransfer(request);
    const [own, likest, other] = cells;
    const rightByC = argmax(await linearClassifier(far, input).logits(images), 5).filter(
      (p, i) => p === labels[i],
    );
    expect(own?.fooled.n).toBe(60);
    expect(other?.fooled.n).toBe(rightByC.length);
    expect(own!.fooled.share).toBeGreaterThan(0.8);
    expect(likest!.fooled.share).toBeGreaterThan(other!.fooled.share + 0.2);
    expect(own?.fooledOfSource).toMatchObject({ share: 1, n: own?.fooled.successes });
    expect(spent).toEqual([{ source: 'a', variant: 'fgsm', gradients: 60, queries: 0 }]);
  });

  it('makes the examples of a source once, whatever the number of targets', async () => {
    let gradients = 0;
    const classifier = linearClassifier(first, input);
    const counting: Classifier = {
      ...classifier,
      gradient: (asked) => {
        gradients += asked.images.count;
        return classifier.gradient(asked);
      },
    };
    await runTransfer({ ...request, sources: [named('a', counting)] });
    expect(gradients).toBe(60);
  });

  it('shows examples to models of another size, resized', async () => {
    const large = { height: 8, width: 8, channels: 3 };
    // Each weight spread over the four pixels that its pixel becomes.
    const weights = near.map((row) => {
      const out = new Array<number>(192).fill(0);
      for (const [i, weight] of row.entries()) {
        const [y, x, channel] = [Math.floor(i / 12), Math.floor(i / 3) % 4, i % 3];
        for (const [dy, dx] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ] as const)
          out[((2 * y + dy) * 8 + 2 * x + dx) * 3 + channel] = weight / 4;
      }
      return out;
    });
    const { cells } = await runTransfer({
      ...request,
      targets: [named('large', linearClassifier(weights, large))],
    });
    expect(cells[0]!.fooled.n).toBeGreaterThan(20);
    expect(cells[0]!.fooled.share).toBeGreaterThan(0.5);
  });

  it('refuses a model named twice', async () => {
    await expect(runTransfer({ ...request, targets: [a, a] })).rejects.toThrow(/'a' is named twice/);
  });
});
