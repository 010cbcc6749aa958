import { distances, type Random, seeded, targeted, untargeted } from '@halftone/sdk';
import { linearModel, runAttack } from '@halftone/sdk/testing';
import { expect, test } from 'vitest';
import hopskipjump from './hopskipjump/index.ts';
import { child } from './one-pixel/evolution.ts';
import onePixel from './one-pixel/index.ts';
import { bumps } from './square/bumps.ts';
import square from './square/index.ts';
import { shareAt } from './square/schedule.ts';

const input = { height: 8, width: 8, channels: 1 };
const size = 64;
const classes = 4;
const draw = seeded('queries');
const weights = Array.from({ length: classes }, () => Array.from({ length: size }, () => draw.normal()));
const model = () => linearModel(weights, input);
const count = 3;
const levels = (values: Float32Array) => values.map((value) => Math.round(value * 255) / 255);
const images = levels(Float32Array.from({ length: count * size }, () => draw.uniform(0.3, 0.7)));
const imageAt = (values: Float32Array, index: number) => values.subarray(index * size, (index + 1) * size);
const logitsOf = (image: Float32Array) =>
  weights.map((row) => row.reduce((sum, weight, i) => sum + weight * image[i]!, 0));
const labels = Array.from({ length: count }, (_, i) => {
  const z = logitsOf(imageAt(images, i));
  return z.indexOf(Math.max(...z));
});
const criterion = untargeted(labels);

/** The distance to the nearest plane between the label and another class. */
function optimum(index: number, norm: 'l2' | 'linf'): number {
  const z = logitsOf(imageAt(images, index));
  const label = labels[index]!;
  const distance = (k: number) => {
    const normal = weights[k]!.map((weight, i) => weight - weights[label]![i]!);
    const length = norm === 'l2' ? Math.hypot(...normal) : normal.reduce((sum, w) => sum + Math.abs(w), 0);
    return (z[label]! - z[k]!) / length;
  };
  return Math.min(...[0, 1, 2, 3].filter((k) => k !== label).map(distance));
}

test.each([
  ['linf', 0.04],
  ['l2', 0.4],
] as const)('square keeps to its %s ball, asks no more than it may, and fools', async (norm, epsilon) => {
  const far = await runAttack(square, {
    model: model(),
    images,
    criterion,
    parameters: { norm, epsilon: 1e-4, queries: 30 },
  });
  expect(far.spent).toEqual({ queries: count * 30, gradients: 0 });
  expect(Math.max(...distances(norm, far.values, images, count))).toBeLessThanOrEqual(1e-4 + 1e-7);
  const near = await runAttack(square, {
    model: model(),
    images,
    criterion,
    parameters: { norm, epsilon: epsilon * 4, queries: 500 },
  });
  expect(Math.max(...distances(norm, near.values, images, count))).toBeLessThanOrEqual(epsilon * 4 + 1e-6);
  for (const [i, label] of labels.entries()) expect(near.labels[i]).not.toBe(label);
  expect(near.spent.queries).toBeLessThan(count * 500);
});

test('square begins with vertical stripes at the edge of the ball', async () => {
  const parameters = { epsilon: 0.01, queries: 2 };
  const { values } = await runAttack(square, { model: model(), images, criterion, parameters });
  for (let column = 0; column < 8; column++) {
    const changes = Array.from(
      { length: 8 },
      (_, row) => values[row * 8 + column]! - images[row * 8 + column]!,
    );
    for (const change of changes) {
      expect(Math.abs(change)).toBeCloseTo(0.01, 6);
      expect(Math.sign(change)).toBe(Math.sign(changes[0]!));
    }
  }
});

test('the squares shrink as published', () => {
  const at = (iteration: number) => shareAt(0.8, iteration, 10_000);
  expect([0, 10, 11, 51, 201, 501, 1001, 2001, 4001, 6001, 8001].map(at)).toEqual(
    [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((halvings) => 0.8 / 2 ** halvings),
  );
  expect(shareAt(0.8, 6, 5000)).toBe(0.4);
});

test('the bumps of a square of 3 are those worked out by hand', () => {
  const upright = bumps(3, { uniform: () => 0 } as unknown as Random);
  const upper = [0.25, 1.25, 0.25];
  const lower = [0.25, 0.25, 0.25, 0.25, 1.25, 0.25];
  const both = [
    ...upper.map((v) => v / Math.hypot(...upper)),
    ...lower.map((v) => -v / Math.hypot(...lower)),
  ];
  for (const [i, value] of both.entries()) expect(upright[i]).toBeCloseTo(value / Math.hypot(...both), 12);
  const turned = bumps(3, { uniform: () => 0.9 } as unknown as Random);
  expect(turned[1]).toBeCloseTo(upright[3]!, 12);
});

test.each(['l2', 'linf'] as const)(
  'hopskipjump comes near the %s distance to the nearest plane',
  async (norm) => {
    const made = await runAttack(hopskipjump, {
      model: model(),
      images,
      criterion,
      parameters: { norm, steps: 25, discretize: false },
    });
    const found = distances(norm, made.values, images, count);
    for (const [i, label] of labels.entries()) {
      expect(made.labels[i]).not.toBe(label);
      expect(found[i]).toBeGreaterThanOrEqual(optimum(i, norm) * (1 - 1e-5));
      expect(found[i]).toBeLessThan(optimum(i, norm) * (norm === 'l2' ? 1.1 : 1.35));
    }
  },
);

test('hopskipjump counts what it asks, ends on levels, and leaves alone what succeeds or can never', async () => {
  const start = await runAttack(hopskipjump, {
    model: model(),
    images: images.slice(0, size),
    criterion: untargeted(labels.slice(0, 1)),
    parameters: { steps: 0, discretize: false },
    seed: 3,
  });
  // The image, noise until some succeeds, ten halvings to 0.001, nine to 1 / 64^1.5 = 2^-9.
  const random = seeded(3).derive('hopskipjump').derive(0);
  let noise = 0;
  for (let z = labels[0]; z === labels[0]; noise++) {
    const logits = logitsOf(Float32Array.from({ length: size }, () => random.uniform()));
    z = logits.indexOf(Math.max(...logits));
  }
  expect(start.spent.queries).toBe(1 + noise + 10 + 9);
  const made = await runAttack(hopskipjump, { model: model(), images, criterion, parameters: { steps: 2 } });
  expect(made.values).toEqual(levels(made.values));
  const wrong = untargeted(labels.map((label) => (label + 1) % classes));
  const left = await runAttack(hopskipjump, { model: model(), images, criterion: wrong });
  expect(left.spent.queries).toBe(count);
  expect(left.values).toEqual(images);
  // No weights: always class 0.
  const stuck = await runAttack(hopskipjump, {
    model: linearModel([Array(size).fill(0), Array(size).fill(0)], input),
    images,
    criterion: targeted([1, 1, 1]),
    parameters: { initSize: 7 },
  });
  expect(stuck.spent.queries).toBe(count * 8);
  expect(stuck.values).toEqual(images);
});

test('one-pixel finds the one pixel that matters', async () => {
  // Class 1 wins where pixel 37 is bright.
  const one = linearModel(
    [Array(size).fill(0), Array.from({ length: size }, (_, i) => (i === 37 ? 1 : 0))],
    input,
  );
  const dark = images.map((value, i) => (i % size === 37 ? 0 : value));
  const made = await runAttack(onePixel, {
    model: one,
    images: dark,
    criterion: targeted([1, 1, 1]),
    parameters: { population: 60, steps: 40 },
  });
  expect(Array.from(made.labels)).toEqual([1, 1, 1]);
  expect(Array.from(distances('l0', made.values, dark, count))).toEqual([1, 1, 1]);
  for (let i = 0; i < count; i++) expect(made.values[i * size + 37]).toBeGreaterThan(0);
  expect(levels(made.values)).toEqual(made.values);
});

test('one-pixel asks once a candidate, and changes no more pixels than it may', async () => {
  const parameters = { population: 10, steps: 4, pixels: 3 };
  const flat = linearModel([Array(size).fill(1), Array(size).fill(0)], input);
  const made = await runAttack(onePixel, {
    model: flat,
    images,
    criterion: untargeted([0, 0, 0]),
    parameters,
  });
  expect(made.spent.queries).toBe(count * 10 * 5);
  expect(Math.max(...distances('l0', made.values, images, count))).toBeLessThanOrEqual(3);
});

test('a child is a + F · (b − c) of three others', () => {
  const generation = [10, 20, 40, 80].map((v) => Float64Array.of(v / 20, v / 20, v));
  const frame = { height: 8, width: 8, channels: 1 };
  const made = child(generation, 3, frame, 0.5, seeded(1));
  const [a, b, c] = [10, 20, 40];
  const possible = [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ].map(([x, y, z]) => x! + 0.5 * (y! - z!));
  expect(possible).toContain(made[2]);
});

test.each([
  ['square', square, { queries: 40, epsilon: 0.05 }],
  ['hopskipjump', hopskipjump, { steps: 2 }],
  ['one-pixel', onePixel, { population: 8, steps: 3 }],
] as const)('%s follows its seed, and an image is the same in any batch', async (_, attack, parameters) => {
  const run = (values: Float32Array, of: number[], seed: number) =>
    runAttack(attack as typeof square, {
      model: model(),
      images: values,
      criterion: untargeted(of),
      parameters,
      seed,
    });
  const whole = await run(images, labels, 1);
  expect((await run(images, labels, 1)).values).toEqual(whole.values);
  expect((await run(images, labels, 2)).values).not.toEqual(whole.values);
  const first = await run(images.slice(0, size), labels.slice(0, 1), 1);
  expect(first.values).toEqual(imageAt(whole.values, 0));
});
