/** Differences of shares, in words. All are shares of 1; words are in points of a hundred. */

function points(value: number): string {
  const text = (100 * value).toFixed(1);
  if (Number(text) === 0) return '0.0';
  return value > 0 ? `+${text}` : text.replace('-', '−');
}

/** `+12.5 points (3.1 to 21.9)`, the ends with their signs. */
export function differenceWords(value: number, low: number, high: number): string {
  return `${points(value)} points (${points(low)} to ${points(high)})`;
}

/** `p 0.031`; `p < 0.001` where it is smaller. */
export function probabilityWords(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p ${p.toFixed(3)}`;
}
