import type { Random } from '@halftone/sdk';
import { bumps } from './bumps.ts';

/** What a proposal starts from. */
export interface Place {
  /** The image before the attack. */
  readonly origin: Float32Array;
  /** [height, width, channels]. */
  readonly shape: readonly [number, number, number];
  readonly epsilon: number;
  readonly random: Random;
}

/** Makes the images to ask about, under one norm. */
export interface Proposals {
  /** The first one. */
  begin(place: Place): Float32Array;
  /** One that differs from the best so far in a square that holds this share of the pixels. */
  next(place: Place, best: Float32Array, share: number): Float32Array;
}

/** Draws of colours for a square before one is taken that changes nothing. */
const MOST_DRAWS = 100;

/** L∞: each channel of a square is moved by ε up or down. Algorithm 2; vertical stripes first. */
export const linfProposals: Proposals = {
  begin({ origin, shape, epsilon, random }) {
    const [, width, channels] = shape;
    const signs = Float64Array.from({ length: width * channels }, () => signOf(random));
    // An image's rows are `width · channels` long, so that the same sign meets every row of a column.
    return origin.map((value, i) => clip(value + epsilon * signs[i % signs.length]!));
  },
  next({ origin, shape, epsilon, random }, best, share) {
    const side = sideOf(share, shape, 1);
    const square = placeSquare(side, shape, random);
    const next = best.slice();
    for (let draw = 0; draw < MOST_DRAWS; draw++) {
      const signs = Array.from({ length: shape[2] }, () => signOf(random));
      let changed = false;
      for (const i of valuesIn(square, shape)) {
        next[i] = clip(origin[i]! + epsilon * signs[i % shape[2]]!);
        changed ||= Math.abs(next[i]! - best[i]!) >= 1e-7;
      }
      if (changed) break;
    }
    return next;
  },
};

/** L2: the length of one square's change moves into bumps in another. Algorithm 3; a grid of bumps first. */
export const l2Proposals: Proposals = {
  begin({ origin, shape, epsilon, random }) {
    const [height, width, channels] = shape;
    const side = Math.max(1, Math.floor(height / 5));
    const margin = Math.floor(Math.max(0, height - side * 5) / 2);
    const delta = new Float64Array(origin.length);
    for (let top = margin; top + side <= height; top += side) {
      for (let left = margin; left + side <= width; left += side) {
        const pattern = bumps(side, random);
        const signs = Array.from({ length: channels }, () => signOf(random));
        for (const [k, i] of valuesIn({ top, left, side }, shape).entries()) {
          delta[i]! += pattern[Math.floor(k / channels)]! * signs[i % channels]!;
        }
      }
    }
    return onSphere(origin, delta, epsilon);
  },
  next({ origin, shape, epsilon, random }, best, share) {
    const channels = shape[2];
    const side = sideOf(share, shape, 3);
    const inside = valuesIn(placeSquare(side, shape, random), shape);
    const emptied = valuesIn(placeSquare(side, shape, random), shape);
    const delta = Float64Array.from(best, (value, i) => value - origin[i]!);
    const left = Math.max(epsilon ** 2 - squareSum(delta), 0) / channels;
    const inSquare = channelSquares(delta, inside, channels);
    const inBoth = channelSquares(delta, union(inside, emptied, delta.length), channels);
    const pattern = bumps(side, random);
    const signs = Array.from({ length: channels }, () => signOf(random));
    const fresh = Float64Array.from(inside, (i, k) => {
      const channel = i % channels;
      const old = delta[i]! / (1e-10 + Math.sqrt(inSquare[channel]!));
      return pattern[Math.floor(k / channels)]! * signs[channel]! + old;
    });
    const lengths = channelSquares(fresh, fresh.keys(), channels);
    for (const i of emptied) delta[i] = 0;
    for (const [k, i] of inside.entries()) {
      const channel = i % channels;
      const length = Math.sqrt(lengths[channel]!);
      delta[i] = length > 0 ? (fresh[k]! / length) * Math.sqrt(left + inBoth[channel]!) : 0;
    }
    return onSphere(origin, delta, epsilon);
  },
};

interface Square {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

/** The side of a square that holds a share of the pixels; odd, and within the image, from `least` up. */
function sideOf(share: number, [height, width]: Place['shape'], least: 1 | 3): number {
  const smaller = Math.min(height, width);
  const side = Math.max(Math.round(Math.sqrt(share * height * width)), least);
  if (least === 1) return Math.max(1, Math.min(side, smaller - 1));
  const odd = side % 2 === 0 ? side + 1 : side;
  return Math.min(odd, smaller);
}

function placeSquare(side: number, [height, width]: Place['shape'], random: Random): Square {
  return { top: random.integer(height - side + 1), left: random.integer(width - side + 1), side };
}

/** Indices of a square's values: row by row, a pixel's channels together. */
function valuesIn({ top, left, side }: Square, [, width, channels]: Place['shape']): number[] {
  const indices: number[] = [];
  for (let row = top; row < top + side; row++) {
    const start = (row * width + left) * channels;
    for (let i = start; i < start + side * channels; i++) indices.push(i);
  }
  return indices;
}

/** Indices that are in either. */
function union(a: readonly number[], b: readonly number[], size: number): number[] {
  const inA = new Uint8Array(size);
  for (const i of a) inA[i] = 1;
  return [...a, ...b.filter((i) => inA[i] === 0)];
}

/** Of these values, the sum of squares of each channel. */
function channelSquares(values: Float64Array, indices: Iterable<number>, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  for (const i of indices) sums[i % channels]! += values[i]! ** 2;
  return sums;
}

function squareSum(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum;
}

/** x + ε · δ / ‖δ‖, clipped to [0, 1]. */
function onSphere(origin: Float32Array, delta: Float64Array, epsilon: number): Float32Array {
  const length = Math.sqrt(squareSum(delta));
  const scale = length > 0 ? epsilon / length : 0;
  return origin.map((value, i) => clip(value + delta[i]! * scale));
}

function signOf(random: Random): number {
  return random.integer(2) * 2 - 1;
}

function clip(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
