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
