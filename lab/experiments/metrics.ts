/** A share of n trials, with the interval that the data allow it. */
export interface Proportion {
  readonly successes: number;
  readonly n: number;
  /** successes / n; 0 where n is 0. */
  readonly share: number;
  /** Ends of the 95% interval, 0 to 1. */
  readonly low: number;
  readonly high: number;
}

/** The 0.975 quantile of the normal distribution. */
const z95 = 1.959963984540054;

/**
 * A proportion with its Wilson score interval at 95%. E. B. Wilson, 'Probable Inference, the Law of Succession,
 * and Statistical Inference', JASA 22 (1927). Without trials the interval is all of [0, 1].
 */
export function proportion(successes: number, n: number): Proportion {
  return wilson(successes, n, n);
}

/**
 * A proportion whose interval is that of `effective` independent trials (> 0 where n is): as many as n trials that
 * depend on one another are worth.
 */
export function wilson(successes: number, n: number, effective: number): Proportion {
  if (n === 0) return { successes, n, share: 0, low: 0, high: 1 };
  const share = successes / n;
  const z2 = z95 * z95;
  const center = (share + z2 / (2 * effective)) / (1 + z2 / effective);
  const spread = (share * (1 - share)) / effective + z2 / (4 * effective * effective);
  const half = (z95 / (1 + z2 / effective)) * Math.sqrt(spread);
  // At 0 and n successes an end is 0 or 1 exactly; float64 would miss it by a hair.
  const low = successes === 0 ? 0 : Math.max(0, center - half);
  const high = successes === n ? 1 : Math.min(1, center + half);
  return { successes, n, share, low, high };
}

/** `36.4% (37/102, 95% 27.6–46.1)`. */
export function showProportion({ successes, n, share, low, high }: Proportion): string {
  if (n === 0) return 'none (0/0)';
  const percent = (value: number) => (value * 100).toFixed(1);
  return `${percent(share)}% (${successes}/${n}, 95% ${percent(low)}–${percent(high)})`;
}

/** A difference of shares in points of a hundred: `12.5`, `−1.4`. */
export function showPoints(value: number): string {
  return (100 * value).toFixed(1).replace('-', '−');
}

/** A test's p: `0.125`, `< 0.001`. */
export function showProbability(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Mean, median and largest of a set of numbers; zeros for none. */
export interface Summary {
  readonly mean: number;
  readonly median: number;
  readonly max: number;
}

/** A summary of numbers; the median of an even count is the mean of the middle two. */
export function summarize(values: readonly number[] | Float64Array): Summary {
  if (values.length === 0) return { mean: 0, median: 0, max: 0 };
  const sorted = Float64Array.from(values).sort();
  const upper = sorted.length >> 1;
  const lower = (sorted.length - 1) >> 1;
  const sum = sorted.reduce((a, b) => a + b, 0);
  return { mean: sum / sorted.length, median: (sorted[lower]! + sorted[upper]!) / 2, max: sorted.at(-1)! };
}
