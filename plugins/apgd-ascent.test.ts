import { type GradientAnswer, type ImageTask, type StepNorm, seeded } from '@halftone/sdk';
import { expect, test } from 'vitest';
import { ascend } from './apgd/ascent.ts';

const size = 12;
const draw = seeded('ascent');
const origin = Float32Array.from({ length: size }, () => draw.uniform(0.1, 0.9));
const pace = Array.from({ length: size }, () => draw.uniform(4, 20));

/** A loss with many hills, and its slope. */
const lossOf = (x: ArrayLike<number>) => pace.reduce((sum, p, i) => sum + Math.sin(p * x[i]! + i), 0);
const slopeOf = (x: ArrayLike<number>) => pace.map((p, i) => p * Math.cos(p * x[i]! + i));

/** Croce and Hein (2020), algorithm 1, written down again from the paper: the points that it visits, float64. */
function reference(start: number[], norm: StepNorm, epsilon: number, steps: number): number[][] {
  const center = Array.from(origin);
  const project = (x: number[]) => {
    const delta = x.map((value, i) => value - center[i]!);
    const length = Math.hypot(...delta);
    return delta.map((d, i) => {
      const near =
        norm === 'linf' ? Math.min(Math.max(d, -epsilon), epsilon) : d * Math.min(1, epsilon / length);
      return Math.min(Math.max(center[i]! + near, 0), 1);
    });
  };
  const direction = (x: number[]) => {
    const g = slopeOf(x);
    return g.map((value) => (norm === 'linf' ? Math.sign(value) : value / Math.hypot(...g)));
  };
  const checkpoints = [0];
  for (let share = 0.22, at = Math.trunc(share * steps); at <= steps; ) {
    checkpoints.push(at);
    share = Math.max(share - 0.03, 0.06);
    at += Math.max(Math.round(share * steps), 1);
  }
  const visited = [start];
  const losses = [lossOf(start)];
  let [before, now, best] = [start, start, start];
  let [eta, halved, bestThen] = [2 * epsilon, true, lossOf(start)];
  for (let k = 0; k < steps; k++) {
    const z = project(now.map((value, i) => value + eta * direction(now)[i]!));
    const weight = k === 0 ? 1 : 0.75;
    const next = project(
      now.map((value, i) => value + weight * (z[i]! - value) + (1 - weight) * (value - before[i]!)),
    );
    [before, now] = [now, next];
    visited.push(now);
    losses.push(lossOf(now));
    if (lossOf(now) > lossOf(best)) best = now;
    const which = checkpoints.indexOf(k + 1);
    if (which < 1) continue;
    const last = checkpoints[which - 1]!;
    let rises = 0;
    for (let i = last; i <= k; i++) if (losses[i + 1]! > losses[i]!) rises += 1;
    const stop = rises <= 0.75 * (k + 1 - last) || (!halved && bestThen === lossOf(best));
    [halved, bestThen] = [stop, lossOf(best)];
    if (!stop) continue;
    eta /= 2;
    now = best;
  }
  return visited;
}

test.each([
  ['linf', 0.1],
  ['l2', 0.3],
] as const)('Auto-PGD under %s visits the points of the algorithm', (norm, epsilon) => {
  const task: ImageTask = {
    origin,
    shape: [2, 6, 1],
    wanted: 0,
    targeted: false,
    random: seeded(1),
    progress: () => {},
  };
  const climbing = ascend(task, { norm, epsilon, steps: 100, rho: 0.75 }, seeded(2));
  const visited: Float32Array[] = [];
  let step = climbing.next();
  while (!step.done) {
    visited.push(step.value.slice());
    const answer: GradientAnswer = {
      gradient: Float32Array.from(slopeOf(step.value)),
      objective: Float32Array.of(lossOf(step.value)),
      // The label leads: nothing fools.
      logits: Float32Array.of(1, 0),
    };
    step = climbing.next(answer);
  }
  const expected = reference(Array.from(visited[0]!), norm, epsilon, 100);
  expect(visited.length).toBe(101);
  for (const [k, point] of expected.entries()) {
    for (const [i, value] of point.entries()) expect(visited[k]![i]).toBeCloseTo(value, 3);
  }
  const highest = visited.toSorted((a, b) => lossOf(b) - lossOf(a))[0]!;
  expect(step.value).toMatchObject({ fools: false, lead: -1 });
  expect(lossOf(step.value.image)).toBeCloseTo(lossOf(highest), 5);
});

test('the start is on the surface of the ball', () => {
  const task: ImageTask = {
    origin,
    shape: [2, 6, 1],
    wanted: 0,
    targeted: false,
    random: seeded(1),
    progress: () => {},
  };
  const distance = (norm: StepNorm) => {
    const first = ascend(task, { norm, epsilon: 0.05, steps: 5, rho: 0.75 }, seeded(3)).next()
      .value as Float32Array;
    const delta = first.map((value, i) => Math.abs(value - origin[i]!));
    return norm === 'linf' ? Math.max(...delta) : Math.hypot(...delta);
  };
  expect(distance('linf')).toBeCloseTo(0.05, 6);
  expect(distance('l2')).toBeCloseTo(0.05, 6);
});
