import type { Gradient, TensorFlow, WhiteBoxModel } from '@halftone/sdk';
import { distances, type Random, type Step, seeded, signStep, targeted, untargeted } from '@halftone/sdk';
import * as tfModule from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import bim from './bim/index.ts';
import fgsm from './fgsm/index.ts';

const tf = ((tfModule as { default?: TensorFlow }).default ?? tfModule) as TensorFlow;
beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

const shape = [3, 2, 2, 3] as const;
const random: Random = seeded('plugins');
const start = Float32Array.from({ length: 36 }, () => random.uniform());
start.set([0, 1, 0.01, 0.99]);

/** A model whose gradient turns with x, so that one step and many differ; a value with no slope stays flat. */
function turning(x: Float32Array): Float32Array {
  return x.map((value, i) => (i === 5 ? 0 : Math.sin(40 * value + i)));
}

const noChannel = async (): Promise<never> => {
  throw new Error('no channel');
};

let asked: unknown[] = [];
const model = {
  async gradient(images: Tensor4D, criterion: unknown): Promise<Gradient> {
    asked.push(criterion);
    return {
      gradient: tf.tensor4d(turning(images.dataSync() as Float32Array), [...shape]),
      objective: tf.zeros([3]),
      logits: tf.zeros([3, 2]),
    };
  },
} as unknown as WhiteBoxModel;

async function run(attack: typeof fgsm | typeof bim, parameters: object, criterion = untargeted([0, 0, 0])) {
  asked = [];
  const images = tf.tensor4d(start.slice(), [...shape]);
  const context = {
    tf,
    model,
    images,
    criterion,
    parameters,
    random,
    randoms: [],
    signal: new AbortController().signal,
    progress: () => {},
    report: () => {},
    channel: noChannel,
  };
  const before = tf.memory().numTensors;
  const output = await (attack.run as (c: unknown) => Promise<Tensor4D>)(context);
  const leaked = tf.memory().numTensors - before - 1;
  const result = Float32Array.from(output.dataSync());
  output.dispose();
  images.dispose();
  return { result, leaked };
}

/** The published rule as plain arithmetic in float64: step, ball, range, one after the other. */
function reference(epsilon: number, alpha: number, steps: number): number[] {
  let x = Array.from(start);
  for (let step = 0; step < steps; step++) {
    const slopes = turning(Float32Array.from(x));
    x = x.map((value, i) => {
      const moved = value + alpha * Math.sign(slopes[i]!);
      const ball = Math.min(Math.max(moved, start[i]! - epsilon), start[i]! + epsilon);
      return Math.min(Math.max(ball, 0), 1);
    });
  }
  return x;
}

test.each([
  ['fgsm', fgsm, { epsilon: 0.05 }, { alpha: 0.05, steps: 1 }],
  ['fgsm, no budget', fgsm, { epsilon: 0 }, { alpha: 0, steps: 1 }],
  ['bim', bim, { epsilon: 8 / 255, alpha: 1 / 255, steps: 10 }, { alpha: 1 / 255, steps: 10 }],
  ['bim, steps beyond the ball', bim, { epsilon: 0.02, alpha: 0.05, steps: 4 }, { alpha: 0.05, steps: 4 }],
  ['bim, one step of ε is fgsm', bim, { epsilon: 0.05, alpha: 0.05, steps: 1 }, { alpha: 0.05, steps: 1 }],
] as const)(
  '%s is its formula, in ball and range, and leaks nothing',
  async (_, attack, parameters, rule) => {
    const { result, leaked } = await run(attack, parameters);
    const expected = reference(parameters.epsilon, rule.alpha, rule.steps);
    for (const [i, value] of result.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
    expect(Math.max(...distances('linf', result, start, 3))).toBeLessThanOrEqual(parameters.epsilon + 1e-6);
    expect(result.every((value) => value >= 0 && value <= 1)).toBe(true);
    // The sign of no slope is no step.
    expect(result[5]).toBe(start[5]);
    expect(leaked).toBe(0);
  },
);

test('a run that is cancelled half-way leaks nothing', async () => {
  const images = tf.tensor4d(start.slice(), [...shape]);
  const abort = new AbortController();
  const progress = (fraction: number) => {
    if (fraction >= 0.5) abort.abort();
  };
  const parameters = { epsilon: 0.1, alpha: 0.01, steps: 10 };
  const criterion = untargeted([0, 0, 0]);
  const context = {
    tf,
    model,
    images,
    criterion,
    parameters,
    random,
    randoms: [],
    signal: abort.signal,
    progress,
    report: () => {},
    channel: noChannel,
  };
  const before = tf.memory().numTensors;
  await expect(bim.run(context)).rejects.toMatchObject({ code: 'cancelled' });
  expect(tf.memory().numTensors).toBe(before);
  images.dispose();
});

test('the criterion reaches the model as it is', async () => {
  const wanted = targeted([1, 1, 1]);
  await run(bim, { epsilon: 0.1, alpha: 0.05, steps: 2 }, wanted);
  expect(asked).toEqual([wanted, wanted]);
});

test.each([
  [2, 3],
  [4, 5],
  [8, 10],
  [16, 20],
  [32, 36],
])('at ε = %i/255 bim takes %i steps by default', (levels, steps) => {
  expect(bim.parameters.steps.default.from({ epsilon: levels / 255 })).toBe(steps);
});

test('a step leaves its inputs as they are', () => {
  const [x, g] = [tf.tensor4d([0.5, 0.5, 0.5], [1, 1, 1, 3]), tf.tensor4d([-1, 0, 2], [1, 1, 1, 3])];
  const step: Step<Tensor4D> = { images: x, gradient: g, origin: x, alpha: 0.25, epsilon: 1 };
  expect(Array.from(signStep(tf, step).dataSync())).toEqual([0.25, 0.5, 0.75]);
  expect(Array.from(x.dataSync())).toEqual([0.5, 0.5, 0.5]);
});
