import type { Random } from './random.ts';
import type { StepNorm } from './steps.ts';

/**
 * A point drawn evenly from the ball of radius `epsilon` around an image, then clipped to [0, 1]: where PGD starts
 * (Madry et al. 2018). L∞: each value evenly from ±ε. L2: a direction of normals, at a radius of ε · U^(1/n), so that
 * every part of the ball is as likely as its volume.
 */
export function startInBall(
  norm: StepNorm,
  origin: Float32Array,
  epsilon: number,
  random: Random,
): Float32Array {
  if (norm === 'linf') return clipped(origin, (value) => value + random.uniform(-epsilon, epsilon));
  const radius = epsilon * random.uniform() ** (1 / origin.length);
  return towards(origin, direction(origin.length, random), radius);
}

/**
 * A point drawn from the surface of the ball, then clipped to [0, 1]: where Auto-PGD starts (Croce and Hein 2020).
 * L∞: values evenly from ±ε, stretched until the largest is ε. L2: a direction of normals at radius ε.
 */
export function startOnSphere(
  norm: StepNorm,
  origin: Float32Array,
  epsilon: number,
  random: Random,
): Float32Array {
  if (norm === 'l2') return towards(origin, direction(origin.length, random), epsilon);
  const noise = Float64Array.from(origin, () => random.uniform(-1, 1));
  const largest = noise.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return clipped(origin, (value, i) => value + (epsilon * noise[i]!) / (largest || 1));
}

function clipped(origin: Float32Array, move: (value: number, index: number) => number): Float32Array {
  return origin.map((value, i) => Math.min(Math.max(move(value, i), 0), 1));
}

function direction(size: number, random: Random): Float64Array {
  return Float64Array.from({ length: size }, () => random.normal());
}

function towards(origin: Float32Array, noise: Float64Array, radius: number): Float32Array {
  const length = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0));
  return clipped(origin, (value, i) => value + (radius * noise[i]!) / (length || 1));
}
