/** After these iterations of 10,000 the share of pixels halves. Their published code, for the paper's section 4.1. */
const HALVINGS = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** The share of pixels in the square of an iteration, 0 the first of `iterations`. */
export function shareAt(initial: number, iteration: number, iterations: number): number {
  const at = Math.floor((iteration / iterations) * 10_000);
  return initial / 2 ** HALVINGS.filter((bound) => at > bound).length;
}
