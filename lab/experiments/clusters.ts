import type { Random } from '@halftone/sdk';
import { type Proportion, wilson } from './metrics.ts';

/**
 * Rates over observations that come in groups: several photographs of one image are not independent, and an
 * interval that takes them so is too narrow.
 */

/** The observations of one group (an image): how many there are and how many succeeded. */
export interface Cluster {
  readonly successes: number;
  readonly n: number;
}

/**
 * The share of successes over all groups with a 95% interval that knows of the groups: Wilson's at the effective
 * number of observations, n divided by the design effect. J. N. K. Rao, A. J. Scott, 'A Simple Method for the
 * Analysis of Clustered Binary Data', Biometrics 48 (1992), in its large-sample form; the design effect is never
 * taken below 1. Where all observations agree it can't be estimated: each group then counts as one observation.
 * Groups of one observation each give Wilson's interval itself.
 */
export function clusteredProportion(clusters: readonly Cluster[]): Proportion {
  const used = clusters.filter(({ n }) => n > 0);
  const n = used.reduce((sum, cluster) => sum + cluster.n, 0);
  const successes = used.reduce((sum, cluster) => sum + cluster.successes, 0);
  if (n === 0) return wilson(0, 0, 0);
  const share = successes / n;
  const plain = n * share * (1 - share);
  const between = used.reduce((sum, cluster) => sum + (cluster.successes - share * cluster.n) ** 2, 0);
  if (plain === 0) return wilson(successes, n, used.length);
  const effect = between / plain;
  // Not `> 1`: groups of one have an effect of 1 up to rounding.
  return wilson(successes, n, effect > 1 + 1e-9 ? n / effect : n);
}

/** A difference of two figures of the same images, with what the data allow to say of it. */
export interface Difference {
  readonly value: number;
  /** Ends of the 95% interval. */
  readonly low: number;
  readonly high: number;
  /** The interval excludes zero. */
  readonly told: boolean;
  /** Images that it rests on. */
  readonly images: number;
}

/** Resamples of a bootstrap: enough for the ends of an interval to move by little (Efron and Tibshirani 1993). */
const resamples = 2000;

/**
 * A figure's 95% percentile interval by the bootstrap over images: `figure` gets the numbers of the images of a
 * resample (with repeats) and may answer NaN where the resample has no trial; those are left out.
 * B. Efron, R. Tibshirani, 'An Introduction to the Bootstrap' (1993), chapter 13.
 */
export function bootstrapDifference(
  images: number,
  figure: (chosen: Int32Array) => number,
  random: Random,
): Difference {
  const value = figure(Int32Array.from({ length: images }, (_, i) => i));
  if (images === 0 || Number.isNaN(value)) return { value: 0, low: -1, high: 1, told: false, images };
  const chosen = new Int32Array(images);
  const found: number[] = [];
  for (let trial = 0; trial < resamples; trial++) {
    for (let i = 0; i < images; i++) chosen[i] = random.integer(images);
    const drawn = figure(chosen);
    if (!Number.isNaN(drawn)) found.push(drawn);
  }
  const sorted = Float64Array.from(found).sort();
  const low = quantile(sorted, 0.025);
  const high = quantile(sorted, 0.975);
  return { value, low, high, told: low > 0 || high < 0, images };
}

/** Linear between neighbours; of sorted numbers, at least one. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
