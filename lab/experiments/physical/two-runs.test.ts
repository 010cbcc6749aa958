import { expect, test } from 'vitest';
import { proportion } from '../metrics.ts';
import type { ImageOutcome, ModelOutcomes } from './outcomes.ts';
import { type ComparedRun, compareRuns, unpairedDifference } from './two-runs.ts';

test("the unpaired interval is Newcombe's", () => {
  // Newcombe 1998, table II, method 10, example (a): 56/70 and 48/80.
  const found = unpairedDifference(proportion(48, 80), proportion(56, 70));
  expect(found.value).toBeCloseTo(0.2, 10);
  expect(found.low).toBeCloseTo(0.0524, 4);
  expect(found.high).toBeCloseTo(0.3339, 4);
  expect(found.told).toBe(true);
  // (d): 5/56 and 0/29.
  const rare = unpairedDifference(proportion(0, 29), proportion(5, 56));
  expect(rare.low).toBeCloseTo(-0.0381, 4);
  expect(rare.high).toBeCloseTo(0.1926, 4);
  expect(rare.told).toBe(false);
});

/** An image given as the ranks of the true class: of the file, and of its photographs. */
function image(source: number, file: number, photos: readonly number[]): ImageOutcome {
  const verdict = (rank: number) => ({ predicted: 0, confidence: 0.9, rank });
  const seen = photos.map((rank, view) => ({ capture: `view-${view}`, verdict: verdict(rank) }));
  return { source, label: 0, file: verdict(file), photos: seen };
}

function outcomes(
  model: string,
  source: boolean,
  attacks: Record<string, number>,
  count = 40,
): ModelOutcomes {
  const all = Array.from({ length: count }, (_, i) => i);
  return {
    model,
    source,
    clean: { variant: 'clean', images: all.map((i) => image(i, 0, [0])) },
    // The attack fools every file; photographs of the first images come out right again.
    adversarial: Object.entries(attacks).map(([variant, destroyed]) => ({
      variant,
      images: all.map((i) => image(i, 1, [i < destroyed ? 0 : 1, i < destroyed ? 0 : 1])),
    })),
  };
}

function run(
  models: readonly ModelOutcomes[],
  options: { epsilon?: number; prefix?: string } = {},
): ComparedRun {
  const { epsilon = 0.1, prefix = 'mnist' } = options;
  return {
    variants: models[0]!.adversarial.map(({ variant }) => {
      return { key: variant, title: variant, attack: 'fgsm', parameters: {}, epsilon };
    }),
    outcomes: models,
    images: models[0]!.clean.images.map(({ source }) => `${prefix} ${source}`),
  };
}

test('runs on the same images are compared image by image, which tells more', () => {
  const first = run([outcomes('net', true, { 'fgsm-1': 10 })]);
  const second = run([outcomes('hardened', true, { 'fgsm-1': 20 })]);
  const { rows, sharedImages } = compareRuns(first, second);
  expect(sharedImages).toBe(40);
  const [{ differences, first: one, second: other }] = rows as [(typeof rows)[0]];
  // Two models of the examples are compared with one another whatever they are called.
  expect([one!.model, other!.model]).toEqual(['net', 'hardened']);
  expect(differences.destruction).toMatchObject({ value: 0.25, paired: true, told: true });
  expect(differences.photoAdversarial!.value).toBeCloseTo(0.25, 12);
  expect(differences.fileAdversarial).toMatchObject({ value: 0, told: false });
  const apart = compareRuns(first, { ...second, images: first.images.map((name) => `other ${name}`) });
  const loose = apart.rows[0]!.differences.destruction!;
  expect(apart.sharedImages).toBe(0);
  expect(loose).toMatchObject({ value: 0.25, paired: false });
  const width = ({ low, high }: { low: number; high: number }) => high - low;
  expect(width(loose)).toBeGreaterThan(width(differences.destruction!));
});

test('attacks are matched by their parameters, then by their strength; the rest stand alone', () => {
  const first = run([outcomes('net', true, { a: 1, b: 2 }), outcomes('other', false, { a: 1, b: 2 })]);
  const second = run([outcomes('net', true, { b: 3 }), outcomes('third', false, { b: 3 })]);
  const titles = compareRuns(first, second).rows.map(({ title, own, first, second }) => [
    title,
    own,
    first?.model,
    second?.model,
  ]);
  expect(titles).toEqual([
    ['b', true, 'net', 'net'],
    ['a', true, 'net', undefined],
    ['a', false, 'other', undefined],
    ['b', false, 'other', undefined],
    ['b', false, undefined, 'third'],
  ]);
  const renamed = compareRuns(
    run([outcomes('net', true, { 'fgsm-a': 1 })]),
    run([outcomes('net', true, { 'fgsm-b': 1 })]),
  );
  expect(renamed.rows).toHaveLength(1);
});

test('what only one run has photographed is not compared', () => {
  const bare = outcomes('net', true, { a: 1 });
  const strip = (images: readonly ImageOutcome[]) => images.map((each) => ({ ...each, photos: [] }));
  const unseen: ModelOutcomes = {
    ...bare,
    clean: { ...bare.clean, images: strip(bare.clean.images) },
    adversarial: bare.adversarial.map((each) => ({ ...each, images: strip(each.images) })),
  };
  const [row] = compareRuns(run([bare]), run([unseen])).rows;
  expect(Object.keys(row!.differences)).toEqual(['fileClean', 'fileAdversarial']);
});
