import { wilson } from './metrics.ts';

/** Two yes-or-no results of each image, counted. */
export interface PairCounts {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
}

/** Two shares of the same images, compared. */
export interface PairedComparison extends PairCounts {
  readonly n: number;
  /** Share of the first less share of the second. */
  readonly difference: number;
  /** Ends of the difference's 95% interval. */
  readonly low: number;
  readonly high: number;
  /** Two-sided p of McNemar's exact test: of as lopsided a split among the images that differ, were both alike. */
  readonly p: number;
  /** p < 0.05: the data tell the two apart. */
  readonly told: boolean;
}

/** Counts two results, image by image. Both lists have the same length. */
export function countPairs(first: readonly boolean[], second: readonly boolean[]): PairCounts {
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 };
  for (const [i, one] of first.entries()) {
    const other = second[i] === true;
    if (one && other) counts.both += 1;
    else if (one) counts.onlyFirst += 1;
    else if (other) counts.onlySecond += 1;
    else counts.neither += 1;
  }
  return counts;
}

/**
 * Compares two shares of the same images. Q. McNemar, 'Note on the sampling error of the difference between
 * correlated proportions', Psychometrika 12 (1947), in its exact binomial form; the interval is method 10 of
 * R. G. Newcombe, 'Improved confidence intervals for the difference between binomial proportions based on paired
 * data', Statistics in Medicine 17 (1998).
 */
export function comparePaired(first: readonly boolean[], second: readonly boolean[]): PairedComparison {
  const counts = countPairs(first, second);
  const n = first.length;
  const p = exactMcNemar(counts.onlyFirst, counts.onlySecond);
  const interval = n === 0 ? { difference: 0, low: -1, high: 1 } : newcombe(counts, n);
  return { ...counts, n, ...interval, p, told: p < 0.05 };
}

/** Two-sided p of `a` against `b` under a fair coin: twice the smaller tail, at most 1. */
export function exactMcNemar(a: number, b: number): number {
  const n = a + b;
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(a, b); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

function newcombe(counts: PairCounts, n: number): { difference: number; low: number; high: number } {
  const one = wilson(counts.both + counts.onlyFirst, n, n);
  const two = wilson(counts.both + counts.onlySecond, n, n);
  const phi = correlation(counts, n);
  const difference = (counts.onlyFirst - counts.onlySecond) / n;
  const reach = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  return {
    difference,
    low: difference - reach(one.share - one.low, two.high - two.share),
    high: difference + reach(two.share - two.low, one.high - one.share),
  };
}

/** The correlation of the two results, with Newcombe's correction for continuity; 0 where one never varies. */
function correlation({ both, onlyFirst, onlySecond, neither }: PairCounts, n: number): number {
  const spread = (both + onlyFirst) * (onlySecond + neither) * (both + onlySecond) * (onlyFirst + neither);
  if (spread === 0) return 0;
  const product = both * neither - onlyFirst * onlySecond;
  const corrected = product > 0 ? Math.max(product - n / 2, 0) : product;
  return corrected / Math.sqrt(spread);
}
