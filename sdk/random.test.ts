import { expect, test } from 'vitest';
import { seeded, xoshiro128 } from './random.ts';

test('xoshiro128** follows its definition, done in big integers', () => {
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  let s = [1n, 2n, 3n, 4n] as [bigint, bigint, bigint, bigint];
  const reference = () => {
    const result = (rotl((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const [a, b, c, d] = s;
    const c1 = c ^ a;
    const d1 = d ^ b;
    s = [a ^ d1, b ^ c1, c1 ^ ((b << 9n) & mask), rotl(d1, 11n)];
    return Number(result);
  };
  const next = xoshiro128([1, 2, 3, 4]);
  const drawn = Array.from({ length: 100 }, next);
  expect(drawn).toEqual(Array.from({ length: 100 }, reference));
  expect(drawn.slice(0, 3)).toEqual([11520, 0, 5927040]);
});

test('equal seeds give equal streams, others give others', () => {
  const stream = (seed: number | string) => Array.from({ length: 5 }, seeded(seed).bits);
  expect(stream(7)).toEqual(stream(7));
  const all = [stream(0), stream(1), stream(2 ** 32), stream('a'), stream('b'), stream('')].map(String);
  expect(new Set(all).size).toBe(all.length);
});

test('a derived stream does not depend on what was drawn before', () => {
  const fresh = seeded(1).derive('noise').derive(3).bits();
  const used = seeded(1);
  used.normal();
  const noise = used.derive('noise');
  noise.bits();
  expect(noise.derive(3).bits()).toBe(fresh);
  expect(noise.derive(4).bits()).not.toBe(fresh);
});

test('uniform, normal and integer have their moments', () => {
  const random = seeded(42);
  const n = 100_000;
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / n;
  const draw = (one: () => number) => Array.from({ length: n }, one);
  const uniform = draw(() => random.uniform(-1, 3));
  expect(Math.min(...uniform.slice(0, 1000))).toBeGreaterThanOrEqual(-1);
  expect(mean(uniform)).toBeCloseTo(1, 1);
  expect(mean(uniform.map((v) => (v - 1) ** 2))).toBeCloseTo(16 / 12, 1);
  const normal = draw(() => random.normal(2, 0.5));
  expect(mean(normal)).toBeCloseTo(2, 1);
  expect(mean(normal.map((v) => (v - 2) ** 2))).toBeCloseTo(0.25, 2);
  const counts = [0, 0, 0];
  for (const value of draw(() => random.integer(3))) counts[value]! += 1;
  for (const count of counts) expect(Math.abs(count - n / 3)).toBeLessThan(600);
});
