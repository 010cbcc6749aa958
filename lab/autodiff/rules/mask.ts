import { float, type GraphBuilder } from '../../graph/builder.ts';

/** A power of two, so that the product below is exact; times 6 (ReLU6) it is still far from overflow. */
export const STEEP = 2 ** 120;

/**
 * 1 where low < value < high, else 0, in float32; `low` may be −∞ and `high` +∞.
 *
 * Written as a saturated ramp, clip(STEEP·(value − low)), rather than as comparisons: it is one pass with no
 * boolean tensor, it runs in ONNX Runtime's blocked convolution layout, and it is exact: a float32 above
 * `low` by one unit in the last place already saturates (for low = 0, anything above 2⁻¹²⁰).
 */
export function mask01(b: GraphBuilder, value: string, low: number, high: number): string {
  const parts: string[] = [];
  if (low !== -Infinity) parts.push(ramp(b, value, STEEP, low));
  if (high !== Infinity) parts.push(ramp(b, value, -STEEP, high));
  if (parts.length === 0) throw new Error('mask01 needs a bound');
  return parts.reduce((a, c) => b.add('Mul', [a, c]));
}

function ramp(b: GraphBuilder, value: string, slope: number, edge: number): string {
  return b.add('HardSigmoid', [value], { alpha: float(slope), beta: float(-slope * edge) });
}

/** 1 − value, for values in [0, 1]; like the masks in the blocked layout, where a subtraction isn't. */
export function complement(b: GraphBuilder, value: string): string {
  return b.add('HardSigmoid', [value], { alpha: float(-1), beta: float(1) });
}
