import { expect, test } from 'vitest';
import { Adam, ConstantSearch, lead, logProbability, roundToLevels, TanhImage } from './index.ts';

test('the constant grows tenfold until one succeeds, then halves the gap', () => {
  const search = new ConstantSearch(0.01);
  const tried = [false, false, true, false, true].map((success) => {
    const { constant } = search;
    search.tried(success);
    return constant;
  });
  for (const [i, constant] of [0.01, 0.1, 1, 0.55, 0.775].entries())
    expect(tried[i]).toBeCloseTo(constant, 12);
  expect(search.smallest).toBeCloseTo(0.775, 12);
  expect(search.constant).toBeCloseTo((0.55 + 0.775) / 2, 12);
});

test("Adam's first steps are its formula", () => {
  const adam = new Adam(2, { rate: 0.1 });
  const x = Float64Array.of(1, 1);
  // The first step is the rate times the slope's sign, whatever its size.
  adam.descend(x, Float64Array.of(4, -0.001));
  expect(x[0]).toBeCloseTo(0.9, 6);
  expect(x[1]).toBeCloseTo(1.1, 5);
  adam.descend(x, Float64Array.of(-2, 0));
  const mean = (0.9 * 0.1 * 4 + 0.1 * -2) / (1 - 0.81);
  const square = (0.999 * 0.001 * 16 + 0.001 * 4) / (1 - 0.999 ** 2);
  expect(x[0]).toBeCloseTo(0.9 - (0.1 * mean) / Math.sqrt(square), 6);
});

test('an image in tanh space starts where it should, moves down the slope and never leaves [0, 1]', () => {
  const start = Float32Array.of(0, 0.25, 0.5, 1);
  const image = new TanhImage(start, { rate: 0.5 });
  for (const [i, value] of start.entries()) expect(Math.abs(image.values[i]! - value)).toBeLessThan(1e-6);
  for (let step = 0; step < 200; step++) image.descend((i) => (i === 1 ? 1 : -1));
  expect(image.values[1]).toBeLessThan(1e-3);
  expect(image.values[2]).toBeGreaterThan(0.999);
  expect(image.values.every((value) => value >= 0 && value <= 1)).toBe(true);
});

test('lead and log probability are their formulas', () => {
  const logits = Float32Array.of(1, 3, -2);
  expect(lead(logits, 1, true)).toBe(2);
  expect(lead(logits, 1, false)).toBe(-2);
  expect(lead(logits, 2, true)).toBe(-5);
  expect(logProbability(logits, 0)).toBeCloseTo(1 - Math.log(Math.exp(1) + Math.exp(3) + Math.exp(-2)), 12);
  expect(logProbability(Float32Array.of(1000, 0), 1)).toBe(-1000);
});

test('levels are the nearest of 256', () => {
  expect(Array.from(roundToLevels(Float32Array.of(0, 0.499 / 255, 0.501 / 255, 1)))).toEqual([
    0,
    0,
    Math.fround(1 / 255),
    1,
  ]);
});
