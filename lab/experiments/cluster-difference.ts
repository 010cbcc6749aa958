import type { Random } from '@halftone/sdk';
import type { Cluster } from './clusters.ts';

/** A difference of two shares of the same images, with what the data allow to say of it. */
export interface Difference {
  /** Share of the first less share of the second. */
  readonly value: number;
  /** Ends of the 95% interval. */
  readonly low: number;
  readonly high: number;
  /**
   * Two-sided p, on images with trials of both: of a difference as large, were it chance which of an image's two groups
   * came first.
   */
  readonly p: number;
  /** p < 0.05, or less where several are judged together (`holm`): the data tell the two apart. */
  readonly told: boolean;
  /** Images that it rests on. */
  readonly images: number;
}

/**
 * Two shares over the same images, group i of `first` and of `second` being image i: the interval by the bootstrap over
 * images, p by exchanging the two groups of an image. An interval of the bootstrap alone is too narrow where few images
 * differ: four that all lean one way exclude zero, though chance does that in one of eight. p is of images with trials of
 * both alone: with the others in it, an attack that fools more images would be told apart for that.
 */
export function clusterDifference(
  first: readonly Cluster[],
  second: readonly Cluster[],
  random: Random,
): Difference {
  const images = first.length;
  const share = (clusters: readonly Cluster[], chosen: Int32Array) => {
    let n = 0;
    let successes = 0;
    for (const i of chosen) {
      n += clusters[i]!.n;
      successes += clusters[i]!.successes;
    }
    return successes / n;
  };
  const figure = (chosen: Int32Array) => share(first, chosen) - share(second, chosen);
  const interval = bootstrapInterval(images, figure, random.derive('bootstrap'));
  if (interval === undefined) return { value: 0, low: -1, high: 1, p: 1, told: false, images };
  const both = Array.from(first.keys()).filter((i) => first[i]!.n > 0 && second[i]!.n > 0);
  // Where they are none, or point the other way, the two say nothing together.
  const agree = Math.sign(interval.value) === Math.sign(figure(Int32Array.from(both)));
  const of = (clusters: readonly Cluster[]) => both.map((i) => clusters[i]!);
  const p = agree ? exchangeTest(of(first), of(second), random.derive('exchange')) : 1;
  return { ...interval, p, told: p < LEVEL, images };
}

/** Of what is called told apart. */
const LEVEL = 0.05;

/** Exchanges tried where there are too many to try all; p is then found to within some 0.005 at 0.05. */
const EXCHANGES = 10_000;

/** Images up to which all exchanges are tried. */
const EXACT = 12;

/**
 * Two-sided p of the difference of two shares by exchange, of images with trials of both (at least one): under the null either group of an image might be the first's.
 * All 2^k exchanges of the k images whose groups differ, or a random draw of them, the observed one among them.
 * E. J. G. Pitman, 'Significance tests which may be applied to samples from any populations', JRSS Supplement 4 (1937).
 */
function exchangeTest(first: readonly Cluster[], second: readonly Cluster[], random: Random): number {
  const total = { n1: 0, s1: 0, n2: 0, s2: 0 };
  const moves: { n: number; s: number }[] = [];
  for (const [i, one] of first.entries()) {
    const other = second[i]!;
    total.n1 += one.n;
    total.s1 += one.successes;
    total.n2 += other.n;
    total.s2 += other.successes;
    const move = { n: other.n - one.n, s: other.successes - one.successes };
    if (move.n !== 0 || move.s !== 0) moves.push(move);
  }
  // What is taken to the first comes from the second.
  const size = (n: number, s: number) =>
    Math.abs((total.s1 + s) / (total.n1 + n) - (total.s2 - s) / (total.n2 - n));
  const observed = size(0, 0) - 1e-12;
  const exact = moves.length <= EXACT;
  const count = exact ? 2 ** moves.length : EXCHANGES;
  let extreme = exact ? 0 : 1;
  for (let trial = 0; trial < count; trial++) {
    let n = 0;
    let s = 0;
    for (const [i, move] of moves.entries()) {
      if (exact ? ((trial >> i) & 1) === 0 : random.uniform() < 0.5) continue;
      n += move.n;
      s += move.s;
    }
    if (size(n, s) >= observed) extreme += 1;
  }
  return extreme / (exact ? count : count + 1);
}

/**
 * Which of several tests made together tell something apart, so that the chance of a single false one among them is at
 * most 5%. S. Holm, 'A simple sequentially rejective multiple test procedure', Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(ps: readonly number[]): boolean[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const told = ps.map(() => false);
  for (const [rank, i] of order.entries()) {
    if (ps[i]! >= LEVEL / (ps.length - rank)) break;
    told[i] = true;
  }
  return told;
}

/** Resamples of a bootstrap: enough for the ends of an interval to move by little (Efron and Tibshirani 1993). */
const resamples = 2000;

/** A figure and the ends of its 95% interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A figure's 95% percentile interval by the bootstrap over images: `figure` gets the numbers of the images of a
 * resample (with repeats) and may answer NaN where the resample has no trial; those are left out. Undefined where there
 * is none at all. B. Efron, R. Tibshirani, 'An Introduction to the Bootstrap' (1993), chapter 13.
 */
export function bootstrapInterval(
  images: number,
  figure: (chosen: Int32Array) => number,
  random: Random,
): Interval | undefined {
  const value = figure(Int32Array.from({ length: images }, (_, i) => i));
  if (images === 0 || Number.isNaN(value)) return undefined;
  const chosen = new Int32Array(images);
  const found: number[] = [];
  for (let trial = 0; trial < resamples; trial++) {
    for (let i = 0; i < images; i++) chosen[i] = random.integer(images);
    const drawn = figure(chosen);
    if (!Number.isNaN(drawn)) found.push(drawn);
  }
  const sorted = Float64Array.from(found).sort();
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Linear between neighbours; of sorted numbers, at least one. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
