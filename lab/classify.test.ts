import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { bestClasses, classifyImage } from './classify.ts';
import type { Classifier, ImageBatch } from './runtime/classifier-types.ts';

describe('the best classes', () => {
  it('come in order with their softmax probabilities', () => {
    const logits = new Float32Array([0, Math.log(6), 0, Math.log(2)]);
    const best = bestClasses(logits, 3, (index) => `c${index}`);
    expect(best.map(({ label }) => label)).toEqual(['c1', 'c3', 'c0']);
    const confidences = best.map(({ confidence }) => confidence);
    for (const [i, share] of [0.6, 0.2, 0.1].entries()) expect(confidences[i]).toBeCloseTo(share, 6);
  });

  it('of huge logits stay finite', () => {
    expect(bestClasses(new Float32Array([3e38, -3e38]), 1, String)).toEqual([
      { index: 0, label: '0', confidence: 1 },
    ]);
  });
});

describe('classifying an image', () => {
  it('hands the model what it takes: its size, RGB in [0, 1]', async () => {
    let seen: ImageBatch | undefined;
    const classifier = {
      classes: 2,
      provider: 'a test',
      input: { height: 4, width: 6, channels: 3 },
      card: { classes: [{ name: 'red' }, { name: 'other' }] },
      logits: async (images: ImageBatch) => {
        seen = images;
        return new Float32Array([2, 0]);
      },
    } as unknown as Classifier;
    const colour = { r: 255, g: 51, b: 0 };
    const image = await sharp({ create: { width: 12, height: 8, channels: 3, background: colour } })
      .png()
      .toBuffer();
    const answer = await classifyImage(classifier, { image, name: 'red.png', top: 1 });
    expect(seen).toMatchObject({ count: 1, height: 4, width: 6, channels: 3 });
    expect([...seen!.data.subarray(0, 3)]).toEqual([1, Math.fround(0.2), 0]);
    expect(seen!.data).toHaveLength(72);
    expect(answer).toMatchObject({ top: [{ label: 'red' }], classes: 2, height: 4, width: 6 });
  });
});
