import { seeded } from '@halftone/sdk';
import { inverted, projected } from '@halftone/sdk/image';
import { expect, test } from 'vitest';
import { drawPose, type Pose, projection } from './pose.ts';
import { warp } from './warp.ts';

const headOn: Pose = { scale: 0.5, offset: [0, 0], roll: 0, yaw: 0, pitch: 0, distance: 4 };

function expectPoint(point: readonly number[], x: number, y: number): void {
  expect(point[0]).toBeCloseTo(x, 9);
  expect(point[1]).toBeCloseTo(y, 9);
}

test('a pose puts the canvas where it says', () => {
  expectPoint(projected(projection(headOn, 100), -1, -1), 25, 25);
  expectPoint(projected(projection({ ...headOn, offset: [0.1, -0.2] }, 100), 1, 1), 85, 55);
  // Turned clockwise by a quarter, its right side is below.
  expectPoint(projected(projection({ ...headOn, roll: 90 }, 100), 1, 0), 50, 75);
  // Turned about the upright axis by 30°, the right side comes half a half width nearer: 4 / (4 − ½) as large.
  const nearer = 4 / 3.5;
  const turned = projection({ ...headOn, yaw: 30 }, 100);
  expectPoint(projected(turned, 1, 1), 50 + 25 * Math.cos(Math.PI / 6) * nearer, 50 + 25 * nearer);
  // About the level axis, the lower side goes away.
  const tipped = projection({ ...headOn, pitch: 30 }, 100);
  expectPoint(projected(tipped, 0, 1), 50, 50 + (25 * Math.cos(Math.PI / 6) * 4) / 4.5);
});

test('the inverse leads back', () => {
  const random = seeded(3);
  for (let i = 0; i < 50; i++) {
    const map = projection(drawPose(random), 64);
    const [x, y] = [random.uniform(-1, 1), random.uniform(-1, 1)];
    expectPoint(projected(inverted(map), ...projected(map, x, y)), x, y);
  }
});

test('a mark drawn on the canvas is seen where the pose sends it', () => {
  const [edge, size] = [64, 96];
  const random = seeded(5);
  for (let i = 0; i < 20; i++) {
    const [column, row] = [8 + random.integer(48), 8 + random.integer(48)];
    const data = new Float32Array(edge * edge * 4);
    data[(row * edge + column) * 4] = 1;
    const layer = new Float32Array(size * size * 4);
    const map = projection({ ...drawPose(random), scale: 0.9, offset: [0, 0] }, size);
    warp({ edge, data }, map, size, layer);
    let [sum, sumX, sumY] = [0, 0, 0];
    for (let at = 0; at < size * size; at++) {
      const light = layer[at * 4]!;
      sum += light;
      sumX += light * ((at % size) + 0.5);
      sumY += light * (Math.floor(at / size) + 0.5);
    }
    const [x, y] = projected(map, (2 * (column + 0.5)) / edge - 1, (2 * (row + 0.5)) / edge - 1);
    expect(Math.hypot(sumX / sum - x, sumY / sum - y)).toBeLessThan(0.25);
  }
});
