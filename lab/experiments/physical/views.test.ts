import { expect, test } from 'vitest';
import type { ImageOutcome, ModelOutcomes } from './outcomes.ts';
import { viewRows } from './views.ts';

type View = readonly [angle: number | undefined, rank: number];

function image(source: number, file: number, views: readonly View[]): ImageOutcome {
  const verdict = (rank: number) => ({ predicted: 0, confidence: 0.9, rank });
  const photos = views.map(([angle, rank], i) => ({
    capture: `view-${i}`,
    verdict: verdict(rank),
    angle,
    dpi: angle === undefined ? undefined : 100,
  }));
  return { source, label: 0, file: verdict(file), photos };
}

test('photographs are counted where their view lies, and the measures are those of the table', () => {
  const run: ModelOutcomes = {
    model: 'net',
    source: true,
    clean: {
      variant: 'clean',
      images: [
        image(0, 0, [
          [3, 0],
          [12, 0],
          [undefined, 5],
        ]),
        image(1, 0, [
          [9.99, 0],
          [19, 2],
        ]),
        image(2, 1, [[3, 0]]),
      ],
    },
    adversarial: [
      {
        variant: 'bim',
        // Image 2 is wrong when clean: its photographs count for accuracy, not for destruction.
        images: [
          image(0, 1, [
            [3, 0],
            [10, 4],
          ]),
          image(1, 1, [[4, 1]]),
          image(2, 1, [[4, 0]]),
        ],
      },
    ],
  };
  const rows = viewRows(run, 'angle');
  expect(rows.map(({ low, high, captures }) => [low, high, captures])).toEqual([
    [0, 10, 1],
    [10, 20, 1],
  ]);
  expect(rows[0]!.clean).toMatchObject({ successes: 3, n: 3 });
  expect(rows[1]!.clean).toMatchObject({ successes: 1, n: 2 });
  expect(rows[0]!.attacks[0]).toMatchObject({
    variant: 'bim',
    photo: { successes: 2, n: 3 },
    destruction: { successes: 1, n: 2 },
  });
  expect(rows[1]!.attacks[0]!.destruction).toMatchObject({ successes: 0, n: 1 });
  expect(viewRows(run, 'dpi').map(({ low, high }) => [low, high])).toEqual([[100, 125]]);
});
