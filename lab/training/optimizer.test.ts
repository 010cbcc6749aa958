import { seeded } from '@halftone/sdk';
import { describe, expect, it } from 'vitest';
import { drawMask } from './masks.ts';
import { clippingScale, globalNorm, optimizerSchema, slotCount, updateWeights } from './optimizer.ts';
import { rateFactor, type Schedule, scheduleSchema } from './schedule.ts';

/** Steps against values worked out by hand, on w = 1 with the gradients 0.5 and then −0.25. */
function twoSteps(spec: object, decay = 0, scale = 1): [number, number] {
  const optimizer = optimizerSchema.parse(spec);
  const weights = Float32Array.of(1);
  const slots = Array.from({ length: slotCount(optimizer) }, () => new Float32Array(1));
  const seen = [0.5, -0.25].map((gradient, i) => {
    const update = { step: i + 1, rate: optimizer.rate, scale, decay };
    updateWeights(optimizer, weights, Float32Array.of(gradient), slots, update);
    return weights[0]!;
  });
  return [seen[0]!, seen[1]!];
}

function expectSteps(actual: [number, number], first: number, second: number): void {
  expect(actual[0]).toBeCloseTo(first, 6);
  expect(actual[1]).toBeCloseTo(second, 6);
}

describe('one weight, two steps', () => {
  it('SGD', () => {
    expectSteps(twoSteps({ type: 'sgd', rate: 0.1 }), 0.95, 0.975);
    // g + 0.2·w: 0.7 and then −0.25 + 0.2·0.93.
    expectSteps(twoSteps({ type: 'sgd', rate: 0.1 }, 0.2), 0.93, 0.9364);
    expectSteps(twoSteps({ type: 'sgd', rate: 0.1 }, 0, 0.5), 0.975, 0.9875);
  });

  it('SGD with momentum', () => {
    // v = 0.5, then 0.9·0.5 − 0.25 = 0.2.
    expectSteps(twoSteps({ type: 'sgd', rate: 0.1, momentum: 0.9 }), 0.95, 0.93);
    // Nesterov: g + 0.9·v = 0.95, then −0.25 + 0.9·0.2 = −0.07.
    expectSteps(twoSteps({ type: 'sgd', rate: 0.1, momentum: 0.9, nesterov: true }), 0.905, 0.912);
  });

  it('Adam', () => {
    // The first step is the rate itself, whatever the gradient. Then
    // m̂ = (0.9·0.05 − 0.025)/0.19 = 0.105263, v̂ = (0.999·0.00025 + 0.0000625)/0.001999 = 0.156203.
    const second = 0.9 - (0.1 * 0.105263158) / Math.sqrt(0.156203102);
    expectSteps(twoSteps({ type: 'adam', rate: 0.1 }), 0.9, second);
    // Decay beside the step: 1 − 0.1·0.2 = 0.98 of the weight stays.
    const decayed = 0.98 - 0.1;
    expectSteps(
      twoSteps({ type: 'adam', rate: 0.1 }, 0.2),
      decayed,
      0.98 * decayed - (0.1 * 0.105263158) / Math.sqrt(0.156203102),
    );
  });

  it('is clipped by the length of all gradients together', () => {
    expect(globalNorm([Float32Array.of(3), Float32Array.of(0, 4)])).toBe(5);
    expect(clippingScale(5, 1)).toBe(0.2);
    expect(clippingScale(5, 10)).toBe(1);
  });
});

describe('the learning rate', () => {
  const at = (schedule: Schedule, step: number) =>
    rateFactor(schedule, { step, stepsPerEpoch: 10, totalSteps: 100 });

  it('stays, falls in steps, or along a cosine', () => {
    expect(at(scheduleSchema.parse(undefined), 99)).toBe(1);
    const steps = scheduleSchema.parse({ type: 'step', every: 3, factor: 0.1 });
    expect([0, 29, 30, 60].map((step) => at(steps, step))).toEqual([1, 1, 0.1, 0.1 ** 2]);
    const cosine = scheduleSchema.parse({ type: 'cosine', final: 0.2 });
    expect([0, 50, 100].map((step) => at(cosine, step))).toEqual([1, 0.6, 0.2].map((v) => expect.closeTo(v)));
  });

  it('rises from nothing where it is warmed up', () => {
    const warm = scheduleSchema.parse({ type: 'constant', warmup: 4 });
    expect([0, 1, 3, 4].map((step) => at(warm, step))).toEqual([0.25, 0.5, 1, 1]);
  });
});

describe('a dropout mask', () => {
  it.each([0.25, 0.2])('drops a share of %f, by the seed', (rate) => {
    const draw = (seed: number) => drawMask({ input: 'm', shape: [50, 43], rate }, 20, seeded(seed));
    const { data, dims } = draw(1);
    expect(dims).toEqual([20, 50, 43]);
    const dropped = (data as Uint8Array).reduce((sum, kept) => sum + 1 - kept, 0) / data.length;
    // Five standard deviations of a share of 43,000 draws.
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / data.length));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2).data).not.toEqual(data);
  });
});
