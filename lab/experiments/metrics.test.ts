import { expect, test } from 'vitest';
import { argmax, ranks, softmaxRows } from '../runtime/scores.ts';
import { proportion, showProportion, summarize } from './metrics.ts';

// The ends solve |p̂ − p| = z √(p (1 − p) / n), Wilson's definition.
test.each([
  [37, 102],
  [1, 1],
  [0, 7],
  [120, 120],
  [500, 1000],
])('the Wilson interval of %i of %i solves its equation', (successes, n) => {
  const { share, low, high } = proportion(successes, n);
  const z = 1.959963984540054;
  for (const end of [low, high]) {
    const exact = (successes === 0 && end === 0) || (successes === n && end === 1);
    if (!exact) expect(Math.abs(share - end)).toBeCloseTo(z * Math.sqrt((end * (1 - end)) / n), 10);
  }
  expect(low).toBeLessThanOrEqual(share);
  expect(high).toBeGreaterThanOrEqual(share);
});

test('a proportion is shown with its counts and interval', () => {
  expect(showProportion(proportion(37, 102))).toBe('36.3% (37/102, 95% 27.6–45.9)');
  expect(showProportion(proportion(0, 0))).toBe('none (0/0)');
});

test('ranks agree with argmax, ties included; softmax bears large logits', () => {
  const logits = Float32Array.of(1, 3, 3, 2, 1000, 1000, -1000, 0);
  expect(Array.from(argmax(logits, 4))).toEqual([1, 0]);
  expect(Array.from(ranks(logits, 4, Int32Array.of(1, 1)))).toEqual([0, 1]);
  expect(Array.from(ranks(logits, 4, Int32Array.of(2, 2)))).toEqual([1, 3]);
  expect(Array.from(softmaxRows(logits, 4).subarray(4))).toEqual([0.5, 0.5, 0, 0]);
});

test('summaries', () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ mean: 2.5, median: 2.5, max: 4 });
  expect(summarize([10, 2, 9])).toEqual({ mean: 7, median: 9, max: 10 });
  expect(summarize([])).toEqual({ mean: 0, median: 0, max: 0 });
});
