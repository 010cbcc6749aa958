import { expect, test } from 'vitest';
import { changedPixels, distances, type NormName, project } from './norms.ts';
import { seeded } from './random.ts';

const origin = Float32Array.of(0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0);
const changed = Float32Array.of(0.8, 0.5, 0.1, 0.5, 0, 0, 0, 0);

test.each([
  ['linf', 0.4],
  ['l2', 0.5],
  ['l1', 0.7],
  ['l0', 2],
] as const)('%s of a change by (0.3, 0, −0.4, 0) is %f, of no change 0', (norm, expected) => {
  const [first, second] = distances(norm, changed, origin, 2);
  expect(first).toBeCloseTo(expected, 6);
  expect(second).toBe(0);
});

test('a pixel that changes in any channel is one', () => {
  expect([...changedPixels(changed, origin, 2, 2)]).toEqual([2, 0]);
  expect([...changedPixels(changed, origin, 1, 4)]).toEqual([1]);
});

test.each<[NormName, number, number[]]>([
  ['linf', 0.2, [0.2, 0, -0.2, 0]],
  ['l2', 0.25, [0.15, 0, -0.2, 0]],
  // Duchi et al.: both shrink by 0.1, so that they add up to 0.5.
  ['l1', 0.5, [0.2, 0, -0.3, 0]],
  ['l0', 1, [0, 0, -0.4, 0]],
])('%s projection into radius %f', (norm, radius, delta) => {
  const result = project(norm, changed, origin, 2, radius);
  for (const [i, value] of delta.entries()) expect(result[i]! - origin[i]!).toBeCloseTo(value, 6);
  expect(Array.from(result.subarray(4))).toEqual([0, 0, 0, 0]);
});

test.each<NormName>(['linf', 'l2', 'l1', 'l0'])(
  '%s: in the ball, idempotent, nearest of many points',
  (norm) => {
    const random = seeded(norm);
    const draw = (scale: number) => Float32Array.from({ length: 24 }, () => random.normal(0, scale));
    const center = draw(1);
    const outside = center.map((value) => value + random.normal(0, 2));
    const radius = norm === 'l0' ? 5 : 1.5;
    const inside = project(norm, outside, center, 1, radius);
    expect(distances(norm, inside, center, 1)[0]).toBeLessThanOrEqual(radius + 1e-5);
    const again = project(norm, inside, center, 1, radius);
    for (const [i, value] of again.entries()) expect(value).toBeCloseTo(inside[i]!, 5);
    const nearest = distances('l2', inside, outside, 1)[0]!;
    for (let trial = 0; trial < 200; trial++) {
      const other = project(
        norm,
        outside.map((v) => v + random.normal(0, 0.5)),
        center,
        1,
        radius,
      );
      expect(distances('l2', other, outside, 1)[0]).toBeGreaterThanOrEqual(nearest - 1e-5);
    }
  },
);
