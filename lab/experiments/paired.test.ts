import { seeded } from '@halftone/sdk';
import { describe, expect, it } from 'vitest';
import { bootstrapInterval, clusterDifference, holm } from './cluster-difference.ts';
import { type Cluster, clusteredProportion } from './clusters.ts';
import { proportion } from './metrics.ts';
import { comparePaired, countPairs, exactMcNemar } from './paired.ts';

describe('comparePaired', () => {
  it("gives McNemar's exact p: the binomial tail, doubled", () => {
    // 2 · (1 + 10 + 45) / 2¹⁰
    expect(exactMcNemar(2, 8)).toBeCloseTo(112 / 1024, 12);
    expect(exactMcNemar(0, 6)).toBeCloseTo(2 / 64, 12);
    expect(exactMcNemar(5, 5)).toBe(1);
    expect(exactMcNemar(0, 0)).toBe(1);
    expect(exactMcNemar(400, 600)).toBeLessThan(1e-9);
  });

  it('counts pairs and is turned round with them', () => {
    const first = [true, true, true, true, true, false, false, true];
    const second = [true, false, false, false, false, true, false, true];
    expect(countPairs(first, second)).toEqual({ both: 2, onlyFirst: 4, onlySecond: 1, neither: 1 });
    const there = comparePaired(first, second);
    const back = comparePaired(second, first);
    expect(there.difference).toBeCloseTo(3 / 8, 12);
    expect(back.low).toBeCloseTo(-there.high, 12);
    expect(back.high).toBeCloseTo(-there.low, 12);
  });

  it('covers the true difference of correlated results in about 95 of 100 trials', () => {
    const random = seeded('coverage');
    let covered = 0;
    const trials = 1000;
    for (let trial = 0; trial < trials; trial++) {
      const both = Array.from({ length: 60 }, () => {
        const base = random.uniform();
        // P(first) = 0.7, P(second) = 0.5, and they go together.
        return { first: base < 0.7, second: random.uniform() < 0.6 ? base < 0.5 : random.uniform() < 0.5 };
      });
      const result = comparePaired(
        both.map(({ first }) => first),
        both.map(({ second }) => second),
      );
      if (result.low <= 0.2 && 0.2 <= result.high) covered += 1;
    }
    expect(covered / trials).toBeGreaterThan(0.93);
    expect(covered / trials).toBeLessThan(0.98);
  });
});

describe('clusteredProportion', () => {
  it("is Wilson's where each group is one observation", () => {
    const clusters = [1, 0, 1, 1, 0, 1, 1].map((successes) => ({ successes, n: 1 }));
    expect(clusteredProportion(clusters)).toEqual(proportion(5, 7));
  });

  it('counts a group whose observations always agree as one', () => {
    const clusters = [10, 0, 10, 10].map((successes) => ({ successes, n: 10 }));
    const found = clusteredProportion(clusters);
    const single = proportion(3, 4);
    expect(found).toMatchObject({ successes: 30, n: 40, share: 0.75 });
    expect(found.low).toBeCloseTo(single.low, 12);
    expect(found.high).toBeCloseTo(single.high, 12);
    expect(clusteredProportion([{ successes: 8, n: 8 }]).low).toBe(proportion(1, 1).low);
  });

  it('leaves empty groups out, and knows nothing of none', () => {
    expect(clusteredProportion([{ successes: 0, n: 0 }])).toMatchObject({ n: 0, low: 0, high: 1 });
  });
});

describe('bootstrapInterval', () => {
  it("comes near the normal theory's interval of a mean, and repeats under its seed", () => {
    const random = seeded('normal');
    const values = Array.from({ length: 400 }, () => random.normal(0.3, 1));
    const mean = (chosen: Int32Array) => chosen.reduce((sum, i) => sum + values[i]!, 0) / chosen.length;
    const found = bootstrapInterval(values.length, mean, seeded(1))!;
    const half = 1.96 / Math.sqrt(400);
    expect(found.low).toBeCloseTo(found.value - half, 1.5);
    expect(found.high).toBeCloseTo(found.value + half, 1.5);
    expect(bootstrapInterval(values.length, mean, seeded(1))).toEqual(found);
  });

  it('is not there where there is no trial', () => {
    expect(bootstrapInterval(3, () => Number.NaN, seeded(1))).toBeUndefined();
  });
});

describe('clusterDifference', () => {
  const single = (values: readonly number[]): Cluster[] => values.map((successes) => ({ successes, n: 1 }));
  const split = (onlyFirst: number, onlySecond: number, same: number) =>
    [
      single(Array.from({ length: onlyFirst + onlySecond + same }, (_, i) => (i < onlyFirst ? 1 : 0))),
      single(
        Array.from({ length: onlyFirst + onlySecond + same }, (_, i) =>
          i >= onlyFirst && i < onlyFirst + onlySecond ? 1 : 0,
        ),
      ),
    ] as const;

  it('is McNemar’s exact test where each image has one photograph', () => {
    for (const [one, other] of [
      [5, 1],
      [6, 0],
      [2, 2],
      [9, 3],
    ] as const) {
      const { p } = clusterDifference(...split(one, other, 7), seeded(1));
      expect(p).toBeCloseTo(exactMcNemar(one, other), 12);
    }
    // Too many to try all exchanges: a draw of them comes near.
    const { p, told } = clusterDifference(...split(20, 8, 30), seeded(1));
    expect(Math.abs(p - exactMcNemar(20, 8))).toBeLessThan(0.01);
    expect(told).toBe(exactMcNemar(20, 8) < 0.05);
  });

  it('does not take four images that lean one way for a finding, where the bootstrap would', () => {
    const found = clusterDifference(...split(4, 0, 16), seeded(1));
    expect(found.low).toBeGreaterThanOrEqual(0);
    expect(found).toMatchObject({ p: 2 / 16, told: false, images: 20 });
  });

  it('rejects in about one of twenty where both are alike, photographs of one image being alike', () => {
    const random = seeded('null');
    let told = 0;
    const trials = 300;
    for (let trial = 0; trial < trials; trial++) {
      const draw = () =>
        Array.from({ length: 20 }, () => ({ successes: random.uniform() < 0.4 ? 3 : 0, n: 3 }));
      if (clusterDifference(draw(), draw(), random.derive(trial)).told) told += 1;
    }
    // 5% of 300 is 15; more than 27 has a chance below 0.2%.
    expect(told).toBeLessThanOrEqual(27);
  });

  it('does not tell two apart for how many images have trials', () => {
    // Both lose all but the same three; the first has trials of 40 images, the second of 20 of them.
    const lost = (i: number) => ({ successes: i < 3 ? 0 : 1, n: 1 });
    const first = Array.from({ length: 40 }, (_, i) => lost(i));
    const second = first.map((cluster, i) => (i < 20 ? cluster : { successes: 0, n: 0 }));
    const { value, told } = clusterDifference(first, second, seeded(1));
    expect(value).toBeCloseTo(37 / 40 - 17 / 20, 12);
    expect(told).toBe(false);
  });

  it('knows nothing of images without trials', () => {
    const none = single([]).concat({ successes: 0, n: 0 });
    expect(clusterDifference(none, none, seeded(1))).toMatchObject({ p: 1, told: false });
  });
});

describe('holm', () => {
  it('asks more of the smallest, and stops at the first that fails', () => {
    expect(holm([0.04, 0.01, 0.03])).toEqual([false, true, false]);
    expect(holm([0.016, 0.024, 0.04])).toEqual([true, true, true]);
    expect(holm([0.02, 0.02, 0.02])).toEqual([false, false, false]);
    expect(holm([])).toEqual([]);
  });
});
