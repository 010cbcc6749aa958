import { seeded } from '@halftone/sdk';
import { describe, expect, it } from 'vitest';
import { compareAttacks } from './compare.ts';
import type { ImageOutcome, ModelOutcomes } from './outcomes.ts';
import { physicalTable } from './table.ts';

/** An image as a file and in photographs, each given as the rank of the true class. */
function image(source: number, file: number, photos: readonly number[]): ImageOutcome {
  const verdict = (rank: number) => ({ predicted: 0, confidence: 0.9, rank });
  return {
    source,
    label: 0,
    file: verdict(file),
    photos: photos.map((rank, view) => ({ capture: `view-${view}`, verdict: verdict(rank) })),
  };
}

const run: ModelOutcomes = {
  model: 'net',
  source: true,
  clean: {
    variant: 'clean',
    images: [image(0, 0, [0, 0]), image(1, 0, [0, 2]), image(2, 1, [0, 0]), image(3, 0, [0, 0])],
  },
  adversarial: [
    // Image 2 was wrong when clean and 3 wasn't fooled: the destruction rate is about 0 and 1 alone.
    {
      variant: 'fast',
      images: [image(0, 1, [0, 1]), image(1, 3, [2, 7]), image(2, 1, [0, 0]), image(3, 0, [0, 0])],
    },
    {
      variant: 'iterative',
      images: [image(0, 1, [0, 0]), image(1, 9, [0, 0]), image(2, 1, [1, 1]), image(3, 1, [0, 0])],
    },
  ],
};

describe('physicalTable', () => {
  it("counts Kurakin's destruction rate over the photographs of the images that were fooled", () => {
    const [fast, iterative] = physicalTable(run);
    expect(fast?.destruction).toMatchObject({ successes: 1, n: 4 });
    expect(iterative?.destruction).toMatchObject({ successes: 6, n: 6 });
    // In the top five nothing of `fast` was fooled as a file, and image 1 of `iterative`.
    expect(fast?.destructionTop5).toMatchObject({ n: 0, low: 0, high: 1 });
    expect(iterative?.destructionTop5).toMatchObject({ successes: 2, n: 2 });
  });

  it('gives accuracy on files and photographs, clean and adversarial, on the same images', () => {
    const [fast] = physicalTable(run);
    expect(fast?.file.clean.top1).toMatchObject({ successes: 3, n: 4 });
    expect(fast?.file.adversarial.top1).toMatchObject({ successes: 1, n: 4 });
    expect(fast?.file.adversarial.top5).toMatchObject({ successes: 4, n: 4 });
    expect(fast?.photo.clean.top1).toMatchObject({ successes: 7, n: 8 });
    expect(fast?.photo.adversarial.top1).toMatchObject({ successes: 5, n: 8 });
    expect(fast?.photo.adversarial.top5).toMatchObject({ successes: 7, n: 8 });
  });

  it('measures an attack that ran on some images on these alone', () => {
    const [part] = physicalTable({
      ...run,
      adversarial: [{ variant: 'part', images: [image(1, 1, []), image(9, 1, [1])] }],
    });
    expect(part).toMatchObject({ images: 1 });
    expect(part?.file.clean.top1).toMatchObject({ successes: 1, n: 1 });
    expect(part?.photo.clean.top1).toMatchObject({ successes: 1, n: 2 });
    expect(part?.destruction).toMatchObject({ n: 0 });
  });
});

describe('compareAttacks', () => {
  it('sets two attacks side by side on the images that both have', () => {
    const found = compareAttacks(run, ['iterative', 'fast'], seeded(1));
    expect(found?.fileFooled).toMatchObject({ both: 3, onlyFirst: 1, onlySecond: 0, neither: 0 });
    // Half of image 0's photographs under `fast` fool: that counts.
    expect(found?.photoFooled).toMatchObject({ both: 0, onlyFirst: 1, onlySecond: 2, neither: 1 });
    expect(found?.destruction.value).toBeCloseTo(1 - 1 / 4, 12);
    expect(compareAttacks(run, ['iterative', 'absent'], seeded(1))).toBeUndefined();
  });

  it('tells a clear difference of destruction rates and not a chance one', () => {
    const many = (destroyed: (i: number) => boolean) =>
      Array.from({ length: 60 }, (_, i) => image(i, 1, [destroyed(i) ? 0 : 1]));
    const clean = { variant: 'clean', images: Array.from({ length: 60 }, (_, i) => image(i, 0, [0])) };
    const compare = (a: (i: number) => boolean, b: (i: number) => boolean) =>
      compareAttacks(
        {
          ...run,
          clean,
          adversarial: [
            { variant: 'a', images: many(a) },
            { variant: 'b', images: many(b) },
          ],
        },
        ['a', 'b'],
        seeded(1),
      );
    const clear = compare(
      (i) => i % 2 === 0,
      (i) => i % 10 === 0,
    );
    expect(clear?.destruction).toMatchObject({ told: true });
    expect(clear?.destruction.value).toBeCloseTo(0.4, 12);
    expect(
      compare(
        (i) => i % 5 === 0,
        (i) => i % 6 === 0,
      )?.destruction.told,
    ).toBe(false);
  });
});
