import type { PhysicalResults } from '../../lab/api.ts';

/** The sentence that stands first, and the others. */
export interface Headline {
  readonly first: string;
  readonly rest: readonly string[];
}

/**
 * Which of a run's sentences, one a strength, leads: the clearest difference that the data tell apart; the largest
 * where they tell none apart. Undefined without sentences.
 */
export function ledBy(
  lines: readonly string[],
  comparisons: PhysicalResults['comparisons'],
): Headline | undefined {
  const weights = lines.map((_, i) => {
    const difference = comparisons[i]?.destruction;
    if (difference === undefined || lines.length !== comparisons.length) return 0;
    return Math.abs(difference.value) + (difference.told ? 1 : 0);
  });
  const [first, ...rest] = [...lines.keys()].toSorted((a, b) => weights[b]! - weights[a]! || a - b);
  if (first === undefined) return undefined;
  return { first: lines[first]!, rest: rest.toSorted((a, b) => a - b).map((i) => lines[i]!) };
}
