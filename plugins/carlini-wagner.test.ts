import {
  classesOf,
  distances,
  imagesOf,
  seeded,
  targeted,
  untargeted,
  valuesOf,
  type WhiteBoxModel,
} from '@halftone/sdk';
import { type LinearModel, runAttack } from '@halftone/sdk/testing';
import { expect, test } from 'vitest';
import cwL0 from './cw-l0/index.ts';
import cwL2 from './cw-l2/index.ts';
import cwLinf from './cw-linf/index.ts';

const input = { height: 6, width: 6, channels: 1 };
const size = 36;
const classes = 4;
const draw = seeded('carlini-wagner');
const weights = Array.from({ length: classes }, () => Array.from({ length: size }, () => draw.normal()));
const count = 3;
const levels = (values: Float32Array) => values.map((value) => Math.round(value * 255) / 255);
const imageAt = (values: Float32Array, index: number) => values.subarray(index * size, (index + 1) * size);
const logitsOf = (image: Float32Array) =>
  weights.map((row) => row.reduce((sum, weight, i) => sum + weight * image[i]!, 0));
const best = (z: readonly number[]) => z.indexOf(Math.max(...z));

/** Away from black and white, on levels, and well within its class. */
function drawImage(): Float32Array {
  for (;;) {
    const image = levels(Float32Array.from({ length: size }, () => draw.uniform(0.3, 0.7)));
    const [first, second] = logitsOf(image).sort((a, b) => b - a);
    if (first! - second! > 1) return image;
  }
}

const images = new Float32Array(count * size);
for (let i = 0; i < count; i++) images.set(drawImage(), i * size);
const labels = Array.from({ length: count }, (_, i) => best(logitsOf(imageAt(images, i))));

/** The logits W·x and the slope of their difference, by hand: these tests ask tens of thousands of times. */
function model(): LinearModel {
  const spent = { queries: 0, gradients: 0 };
  return {
    input,
    classes,
    spent,
    with: (tf) => {
      const rows = (block: Float32Array) =>
        Array.from({ length: block.length / size }, (_, k) => logitsOf(imageAt(block, k)));
      const whole: Pick<WhiteBoxModel, 'gradient' | 'labels'> = {
        labels: async (block) => Int32Array.from(rows(valuesOf(block)), best),
        async gradient(block, criterion, objective) {
          expect(objective).toEqual({ kind: 'logit-difference' });
          const z = rows(valuesOf(block));
          spent.gradients += z.length;
          const sign = criterion.kind === 'targeted' ? 1 : -1;
          const wanted = classesOf(criterion);
          const other = z.map((row, k) =>
            best(row.map((v, i) => (i === wanted[k] ? Number.NEGATIVE_INFINITY : v))),
          );
          const slopes = Float32Array.from({ length: block.size }, (_, at) => {
            const k = Math.floor(at / size);
            return sign * (weights[wanted[k]!]![at % size]! - weights[other[k]!]![at % size]!);
          });
          return {
            gradient: imagesOf(tf, slopes, block.shape),
            objective: tf.tensor1d(z.map((row, k) => sign * (row[wanted[k]!]! - row[other[k]!]!))),
            logits: tf.tensor2d(z),
          };
        },
      };
      return whole as WhiteBoxModel;
    },
  };
}

/** What the label leads class k by, and the normal of the plane between them. */
function rival(image: Float32Array, label: number, k: number): { gap: number; normal: number[] } {
  const z = logitsOf(image);
  return { gap: z[label]! - z[k]!, normal: weights[k]!.map((weight, i) => weight - weights[label]![i]!) };
}

/** The smallest over the other classes. */
function nearest(index: number, distance: (gap: number, normal: number[], image: Float32Array) => number) {
  const image = imageAt(images, index);
  const others = [0, 1, 2, 3].filter((k) => k !== labels[index]);
  return Math.min(
    ...others.map((k) => {
      const { gap, normal } = rival(image, labels[index]!, k);
      return distance(gap, normal, image);
    }),
  );
}

test('cw-l2 comes within 1% of the distance to the nearest plane, and never below it', async () => {
  const made = await runAttack(cwL2, {
    model: model(),
    images,
    criterion: untargeted(labels),
    parameters: { discretize: false, steps: 300 },
  });
  const found = distances('l2', made.values, images, count);
  for (let i = 0; i < count; i++) {
    const optimum = nearest(i, (gap, normal) => gap / Math.hypot(...normal));
    expect(found[i]).toBeGreaterThanOrEqual(optimum * (1 - 1e-6));
    expect(found[i]).toBeLessThan(optimum * 1.01);
    expect(made.labels[i]).not.toBe(labels[i]);
  }
  expect(made.values.every((value) => value >= 0 && value <= 1)).toBe(true);
});

test('with κ the target leads by κ and no more than it must', async () => {
  const kappa = 1.5;
  const targets = labels.map((label) => (label + 1) % classes);
  const made = await runAttack(cwL2, {
    model: model(),
    images,
    criterion: targeted(targets),
    parameters: { kappa, steps: 300 },
  });
  expect(made.values).toEqual(levels(made.values));
  for (let i = 0; i < count; i++) {
    const z = logitsOf(imageAt(made.values, i));
    const lead = z[targets[i]!]! - Math.max(...z.filter((_, k) => k !== targets[i]));
    expect(lead).toBeGreaterThan(kappa - 1e-4);
    expect(lead).toBeLessThan(kappa + 0.1);
  }
});

test.each([
  ['cw-l2', cwL2, { steps: 100 }],
  ['cw-linf', cwLinf, { steps: 100 }],
  ['cw-l0', cwL0, { steps: 100 }],
] as const)(
  '%s: rounding takes nothing away, and an image is the same in any batch',
  async (_, attack, parameters) => {
    const run = (values: Float32Array, of: number[]) =>
      runAttack(attack as typeof cwL2, {
        model: model(),
        images: values,
        criterion: untargeted(of),
        parameters,
      });
    const whole = await run(images, labels);
    expect(whole.values).toEqual(levels(whole.values));
    for (const [i, label] of labels.entries()) expect(whole.labels[i]).not.toBe(label);
    const first = await run(images.slice(0, size), labels.slice(0, 1));
    expect(first.values).toEqual(imageAt(whole.values, 0));
  },
);

test('a descent asks once a step, and an image that succeeds as it is costs one gradient', async () => {
  const wrong = [...labels.slice(0, 2), (labels[2]! + 1) % classes];
  const made = await runAttack(cwL2, {
    model: model(),
    images,
    criterion: untargeted(wrong),
    parameters: { steps: 20, binarySearchSteps: 3, abortEarly: false },
  });
  expect(made.spent).toEqual({ queries: 0, gradients: 2 * 3 * 20 + 20 });
  expect(imageAt(made.values, 2)).toEqual(imageAt(images, 2));
});

test('cw-linf comes near the largest change that must be, by its factor', async () => {
  const made = await runAttack(cwLinf, {
    model: model(),
    images,
    criterion: untargeted(labels),
    parameters: { discretize: false, steps: 300, decreaseFactor: 0.97 },
  });
  const found = distances('linf', made.values, images, count);
  for (let i = 0; i < count; i++) {
    const optimum = nearest(i, (gap, normal) => gap / normal.reduce((sum, w) => sum + Math.abs(w), 0));
    expect(found[i]).toBeGreaterThanOrEqual(optimum * (1 - 1e-6));
    expect(found[i]).toBeLessThan(optimum * 1.06);
    expect(made.labels[i]).not.toBe(labels[i]);
  }
});

test('cw-l0 changes as few pixels as must be, or one more', async () => {
  const made = await runAttack(cwL0, {
    model: model(),
    images,
    criterion: untargeted(labels),
    parameters: { steps: 200 },
  });
  const found = distances('l0', made.values, images, count);
  for (let i = 0; i < count; i++) {
    // Every pixel gives at most what black or white gives; the most generous first.
    const optimum = nearest(i, (gap, normal, image) => {
      const gains = normal.map((w, at) => (w > 0 ? w * (1 - image[at]!) : -w * image[at]!));
      gains.sort((a, b) => b - a);
      let [left, pixels] = [gap, 0];
      while (left > 0) left -= gains[pixels++]!;
      return pixels;
    });
    expect(found[i]).toBeGreaterThanOrEqual(optimum);
    expect(found[i]).toBeLessThanOrEqual(optimum + 1);
    expect(made.labels[i]).not.toBe(labels[i]);
  }
});
