import { distances, type StepNorm, seeded, targeted, untargeted } from '@halftone/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import apgd from './apgd/index.ts';
import bim from './bim/index.ts';
import deepfool from './deepfool/index.ts';
import fgsm from './fgsm/index.ts';
import leastLikely from './least-likely/index.ts';
import miFgsm from './mi-fgsm/index.ts';
import pgd from './pgd/index.ts';
import randFgsm from './rand-fgsm/index.ts';
import rubbish from './rubbish/index.ts';
import { modelOf, runOn } from './testing.ts';
import uap from './uap/index.ts';

beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

const classes = 5;
const size = 16;
const count = 4;
const draw = seeded('gradient attacks');
const weights = Float64Array.from({ length: size * classes }, () => draw.normal());
const start = Float32Array.from({ length: count * size }, () => draw.uniform());
start.set([0, 1, 0.01, 0.99]);

/** z = W x: the gradient of the cross-entropy is Wᵀ (softmax(z) − e_y), so that a rule can be done by hand. */
function linear() {
  const input = { height: 4, width: 4, channels: 1 };
  return modelOf(tf, { input, weights: Float32Array.from(weights), classes });
}

function logitsOf(x: ArrayLike<number>): number[] {
  return Array.from({ length: classes }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += x[i]! * weights[i * classes + k]!;
    return sum;
  });
}

/** Up the cross-entropy with `label`, or down it where that is a target; float64. */
function slope(x: ArrayLike<number>, label: number, towards = false): number[] {
  const exponentials = logitsOf(x).map(Math.exp);
  const total = exponentials.reduce((a, b) => a + b);
  const share = exponentials.map((value, k) => value / total - (k === label ? 1 : 0));
  return Array.from({ length: size }, (_, i) => {
    const up = share.reduce((sum, value, k) => sum + value * weights[i * classes + k]!, 0);
    return towards ? -up : up;
  });
}

const imageAt = (values: Float32Array, index: number) =>
  Array.from(values.subarray(index * size, (index + 1) * size));
const labels = Array.from({ length: count }, (_, i) => {
  const z = logitsOf(imageAt(start, i));
  return z.indexOf(Math.max(...z));
});

const clip = (x: number[], origin: number[], epsilon: number, norm: StepNorm) => {
  const delta = x.map((value, i) => value - origin[i]!);
  const length = Math.hypot(...delta);
  const inBall = delta.map((d) =>
    norm === 'linf'
      ? Math.min(Math.max(d, -epsilon), epsilon)
      : length > epsilon
        ? (d * epsilon) / length
        : d,
  );
  return inBall.map((d, i) => Math.min(Math.max(origin[i]! + d, 0), 1));
};
const add = (a: number[], b: number[], scale: number) => a.map((value, i) => value + scale * b[i]!);
const norm1 = (g: number[]) => g.reduce((sum, value) => sum + Math.abs(value), 0);

/** The published update rules, one image, float64. */
const rules = {
  pgdLinf(x: number[], label: number) {
    let now = x;
    for (let i = 0; i < 6; i++) now = clip(add(now, slope(now, label).map(Math.sign), 0.02), x, 0.08, 'linf');
    return now;
  },
  pgdL2(x: number[], label: number) {
    let now = x;
    for (let i = 0; i < 6; i++) {
      const g = slope(now, label);
      now = clip(add(now, g, 0.2 / Math.hypot(...g)), x, 0.5, 'l2');
    }
    return now;
  },
  miFgsm(x: number[], label: number) {
    let now = x;
    let velocity = x.map(() => 0);
    for (let i = 0; i < 5; i++) {
      const g = slope(now, label);
      velocity = velocity.map((v, k) => 0.9 * v + g[k]! / norm1(g));
      now = clip(add(now, velocity.map(Math.sign), 0.02), x, 0.1, 'linf');
    }
    return now;
  },
  leastLikely(x: number[]) {
    const z = logitsOf(x);
    const least = z.indexOf(Math.min(...z));
    let now = x;
    for (let i = 0; i < 3; i++)
      now = clip(add(now, slope(now, least, true).map(Math.sign), 0.02), x, 0.05, 'linf');
    return now;
  },
} as const;

test.each([
  ['pgd, L∞', pgd, { epsilon: 0.08, alpha: 0.02, steps: 6, randomStart: false }, rules.pgdLinf],
  ['pgd, L2', pgd, { norm: 'l2', epsilon: 0.5, alpha: 0.2, steps: 6, randomStart: false }, rules.pgdL2],
  ['mi-fgsm', miFgsm, { epsilon: 0.1, steps: 5, decay: 0.9 }, rules.miFgsm],
  ['least-likely', leastLikely, { epsilon: 0.05, alpha: 0.02, steps: 3 }, rules.leastLikely],
] as const)('%s is its formula', async (_, attack, parameters, rule) => {
  const { model } = linear();
  const trial = { tf, model, images: start, criterion: untargeted(labels), parameters };
  const { result } = await runOn(attack as typeof pgd, trial);
  for (let image = 0; image < count; image++) {
    const expected = rule(imageAt(start, image), labels[image]!);
    for (const [i, value] of imageAt(result, image).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  }
});

test('rand-fgsm steps α at random and the rest along the gradient there', async () => {
  const { model } = linear();
  const grey = new Float32Array(count * size).fill(0.5);
  const parameters = { epsilon: 0.3, alpha: 0.1 };
  const trial = { tf, model, images: grey, criterion: untargeted(labels), parameters };
  const { result } = await runOn(randFgsm, trial);
  // From mid grey nothing is clipped: ±0.1 ± 0.2, all four sums.
  const sums = new Set(Array.from(result, (value) => Math.round((value - 0.5) * 1000)));
  expect([...sums].sort((a, b) => a - b)).toEqual([-300, -100, 100, 300]);
  for (let image = 0; image < count; image++) {
    const now = imageAt(result, image);
    // The random step is what the gradient step leaves; the gradient at that point gives the latter.
    const first = now.map((value) => {
      const delta = value - 0.5;
      return 0.5 + (Math.abs(delta) > 0.2 ? Math.sign(delta) : -Math.sign(delta)) * 0.1;
    });
    const g = slope(first, labels[image]!);
    for (const [i, value] of now.entries()) expect(Math.sign(value - first[i]!)).toBe(Math.sign(g[i]!));
  }
  await expect(runOn(randFgsm, { ...trial, parameters: { epsilon: 0.1, alpha: 0.2 } })).rejects.toThrow(
    'above',
  );
});

test('one step of the least-likely method is of length ε', async () => {
  const { model, asked } = linear();
  const trial = {
    tf,
    model,
    images: start,
    criterion: untargeted(labels),
    parameters: { epsilon: 0.05, steps: 1 },
  };
  const { result } = await runOn(leastLikely, trial);
  expect(distances('linf', result, start, count)[0]).toBeCloseTo(0.05, 6);
  expect(asked).toMatchObject({ queries: count, gradients: count });
});

test.each([
  ['linf', 8 / 255, 40, 8 / 255 / 30],
  ['l2', 1, 50, 1 / 40],
])('pgd under %s has the usual defaults', (norm, epsilon, steps, alpha) => {
  const given = { norm, epsilon };
  expect(pgd.parameters.epsilon.default.from({ norm })).toBe(epsilon);
  expect(pgd.parameters.steps.default.from(given)).toBe(steps);
  expect(pgd.parameters.alpha.default.from(given)).toBeCloseTo(alpha, 12);
});

test('an L∞ radius above 1 is refused with the fraction that was meant', async () => {
  const { model } = linear();
  const trial = { tf, model, images: start, criterion: untargeted(labels), parameters: { epsilon: 8 } };
  await expect(runOn(pgd, trial)).rejects.toThrow(
    'epsilon=8 is outside 0 to 1 under L∞; for 8 levels of 255 write 8/255',
  );
});

const small = { epsilon: 0.1, steps: 4 };
const table = [
  ['fgsm', fgsm, { epsilon: 0.1 }, 'linf'],
  ['bim', bim, small, 'linf'],
  ['rand-fgsm', randFgsm, { epsilon: 0.1 }, 'linf'],
  ['least-likely', leastLikely, small, 'linf'],
  ['mi-fgsm', miFgsm, small, 'linf'],
  ['pgd', pgd, { ...small, restarts: 3 }, 'linf'],
  ['pgd l2', pgd, { ...small, norm: 'l2', restarts: 3 }, 'l2'],
  ['apgd', apgd, { ...small, targets: 2 }, 'linf'],
  ['apgd l2', apgd, { ...small, norm: 'l2', loss: 'dlr' }, 'l2'],
  ['deepfool', deepfool, {}, undefined],
  ['uap', uap, { epsilon: 0.1, passes: 2 }, 'linf'],
  ['rubbish', rubbish, { steps: 10 }, undefined],
] as const;

test.each(table)(
  '%s: ball, range, seed, batch, nothing left behind',
  async (name, attack, parameters, norm) => {
    const { model } = linear();
    const trial = { tf, model, images: start, criterion: untargeted(labels), parameters };
    const run = (change: object) => runOn(attack as typeof pgd, { ...trial, ...change });
    const { result, leaked } = await run({});
    expect(leaked).toBe(0);
    expect(result.every((value) => value >= 0 && value <= 1)).toBe(true);
    if (norm !== undefined) {
      expect(Math.max(...distances(norm, result, start, count))).toBeLessThanOrEqual(0.1 + 1e-6);
    }
    expect((await run({})).result).toEqual(result);
    if (name === 'uap') return;
    const alone = { images: start.slice(2 * size, 3 * size), criterion: untargeted([labels[2]!]), first: 2 };
    expect((await run(alone)).result).toEqual(result.slice(2 * size, 3 * size));
  },
);

test.each([
  ['rand-fgsm', randFgsm, { epsilon: 0.1 }],
  ['pgd', pgd, small],
  ['apgd', apgd, { ...small, epsilon: 0.001 }],
  ['rubbish', rubbish, { steps: 10 }],
] as const)('%s: another seed gives other images', async (_, attack, parameters) => {
  const { model } = linear();
  const trial = { tf, model, images: start, criterion: untargeted(labels), parameters };
  const [one, other] = await Promise.all(
    [1, 2].map((seed) => runOn(attack as typeof pgd, { ...trial, seed })),
  );
  expect(one!.result).not.toEqual(other!.result);
});

test.each(table)('%s leaves nothing behind when it is cancelled', async (_, attack, parameters) => {
  const { model } = linear();
  const abort = new AbortController();
  const stopping = {
    ...model,
    async gradient(...asked: Parameters<typeof model.gradient>) {
      const found = await model.gradient(...asked);
      abort.abort();
      return found;
    },
    async backward(...asked: Parameters<typeof model.backward>) {
      const found = await model.backward(...asked);
      abort.abort();
      return found;
    },
  };
  const before = tf.memory().numTensors;
  const trial = {
    tf,
    model: stopping,
    images: start,
    criterion: untargeted(labels),
    parameters,
    signal: abort.signal,
  };
  const ended = runOn(attack as typeof pgd, trial);
  // One step alone has no later moment to notice it.
  await ended.catch((error) => expect(error).toMatchObject({ code: 'cancelled' }));
  expect(tf.memory().numTensors).toBe(before);
});

test('restarts of pgd leave fooled images alone, and count', async () => {
  const { model, asked } = linear();
  // Image 1 is wrong to begin with, so its first start fools; the budget is too small for the others.
  const shown = labels.map((label, i) => (i === 1 ? (label + 1) % classes : label));
  const parameters = { epsilon: 1e-4, steps: 5, restarts: 3 };
  await runOn(pgd, { tf, model, images: start, criterion: untargeted(shown), parameters });
  expect(asked).toMatchObject({ queries: 0, gradients: (count - 1) * 3 * 6 + 6 });
});

test('targets are climbed to, by fgsm and pgd', async () => {
  const { model } = linear();
  const wanted = labels.map((label) => (label + 1) % classes);
  const lead = (x: number[], target: number) => {
    const z = logitsOf(x);
    return z[target]! - Math.max(...z.filter((_, k) => k !== target));
  };
  for (const [attack, parameters] of [
    [fgsm, { epsilon: 0.2 }],
    [pgd, { epsilon: 0.2, alpha: 0.02 }],
  ] as const) {
    const trial = { tf, model, images: start, criterion: targeted(wanted), parameters };
    const { result } = await runOn(attack as typeof pgd, trial);
    for (let i = 0; i < count; i++) {
      const before = lead(imageAt(start, i), wanted[i]!);
      expect(lead(imageAt(result, i), wanted[i]!)).toBeGreaterThan(before + 0.5);
    }
  }
});
