import type { Random } from '@halftone/sdk';

/** Pixels of one candidate, one after the other: row, column, and the levels (0 to 255) of its channels. */
export type Candidate = Float64Array;

/** The size of the images that candidates are about. */
export interface Frame {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A candidate of the first generation: uniform places, levels from N(128, 127). */
export function firstCandidate(
  { height, width, channels }: Frame,
  pixels: number,
  random: Random,
): Candidate {
  const row = 2 + channels;
  return Float64Array.from({ length: pixels * row }, (_, at) => {
    if (at % row === 0) return random.uniform(0, height);
    if (at % row === 1) return random.uniform(0, width);
    return Math.min(Math.max(random.normal(128, 127), 0), 255);
  });
}

/**
 * The child of place `parent` in a generation: a + F · (b − c), a, b and c three others, drawn, all different. What
 * leaves its range is drawn anew in it. No crossover.
 */
export function child(
  generation: readonly Candidate[],
  parent: number,
  { height, width, channels }: Frame,
  factor: number,
  random: Random,
): Candidate {
  const [a, b, c] = threeOthers(generation.length, parent, random).map((index) => generation[index]!);
  const row = 2 + channels;
  return Float64Array.from(a!, (value, at) => {
    const most = at % row === 0 ? height : at % row === 1 ? width : 255;
    const moved = value + factor * (b![at]! - c![at]!);
    const inside = at % row < 2 ? moved >= 0 && moved < most : moved >= 0 && moved <= most;
    return inside ? moved : random.uniform(0, most);
  });
}

function threeOthers(count: number, parent: number, random: Random): number[] {
  const chosen: number[] = [];
  while (chosen.length < 3) {
    const index = random.integer(count);
    if (index !== parent && !chosen.includes(index)) chosen.push(index);
  }
  return chosen;
}

/** Writes a candidate's pixels into an image, which holds the original. Later ones cover earlier ones. */
export function paint(image: Float32Array, candidate: Candidate, { width, channels }: Frame): void {
  const row = 2 + channels;
  for (let at = 0; at < candidate.length; at += row) {
    const pixel = Math.floor(candidate[at]!) * width + Math.floor(candidate[at + 1]!);
    for (let k = 0; k < channels; k++) {
      image[pixel * channels + k] = Math.round(candidate[at + 2 + k]!) / 255;
    }
  }
}
