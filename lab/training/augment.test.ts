import { seeded } from '@halftone/sdk';
import { expect, test } from 'vitest';
import { augmentationSchema, augmenter } from './augment.ts';

/** 3×4 pixels, two channels, each value telling its place; two images. */
const values = Float32Array.from({ length: 48 }, (_, i) => (i % 24) / 48 + 0.2);
const batch = () => ({
  images: { data: values.slice(), count: 2, height: 3, width: 4, channels: 2 },
  labels: Int32Array.of(4, 5),
});

const run = async (settings: object, seed: number) =>
  (await augmenter(augmentationSchema.parse(settings))(batch(), seeded(seed))).images.data;

/** The first image moved, by definition. */
function moved(right: number, down: number): number[] {
  const within = (place: number, extent: number) => Math.max(0, Math.min(extent - 1, place));
  return Array.from({ length: 24 }, (_, i) => {
    const [c, x, y] = [i % 2, Math.floor(i / 2) % 4, Math.floor(i / 8)];
    return values[(within(y - down, 3) * 4 + within(x - right, 4)) * 2 + c]!;
  });
}

test('images move by whole pixels, each by its own, all ways alike', async () => {
  const ways = [-1, 0, 1].flatMap((right) => [-1, 0, 1].map((down) => [right, down] as const));
  const known = new Map(ways.map(([right, down]) => [String(moved(right, down)), `${right} ${down}`]));
  const seen = new Set<string | undefined>();
  let different = 0;
  for (let seed = 0; seed < 60; seed++) {
    const data = await run({ shift: 1 }, seed);
    // Relighting by 1 and 0 rounds in its last digit.
    const rounded = (image: Float32Array) => String([...image].map((v) => values[nearest(v)]!));
    const [first, second] = [rounded(data.subarray(0, 24)), rounded(data.subarray(24))];
    seen.add(known.get(first));
    if (first !== second) different += 1;
  }
  expect([...seen].sort()).toEqual([...known.values()].sort());
  expect(different).toBeGreaterThan(30);
});

function nearest(value: number): number {
  const gaps = [...values].map((v) => Math.abs(v - value));
  return gaps.indexOf(Math.min(...gaps));
}

test('contrast turns about the mean, brightness adds, nothing leaves [0, 1]; a seed gives the same again', async () => {
  const original = values.subarray(0, 24);
  const mean = (of: Float32Array) => of.reduce((sum, v) => sum + v, 0) / of.length;
  const sharper = (await run({ contrast: 0.5 }, 1)).subarray(0, 24);
  expect(mean(sharper)).toBeCloseTo(mean(original), 5);
  const factor = (sharper[23]! - sharper[0]!) / (original[23]! - original[0]!);
  expect(factor).toBeGreaterThan(0.5);
  expect(factor).toBeLessThan(1.5);
  const lighter = (await run({ brightness: 0.1 }, 1)).subarray(0, 24);
  const added = lighter[0]! - original[0]!;
  expect(Math.abs(added)).toBeLessThanOrEqual(0.1);
  lighter.forEach((v, i) => {
    expect(v - original[i]!).toBeCloseTo(added, 5);
  });
  const wild = await run({ brightness: 1, contrast: 0.9 }, 3);
  expect(Math.min(...wild)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...wild)).toBeLessThanOrEqual(1);
  expect(await run({ shift: 2, contrast: 0.3, brightness: 0.2 }, 7)).toEqual(
    await run({ shift: 2, contrast: 0.3, brightness: 0.2 }, 7),
  );
  expect(await run({}, 1)).toEqual(await run({}, 2));
});
