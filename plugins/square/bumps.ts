import type { Random } from '@halftone/sdk';

/**
 * The perturbation of a square under L2, side × side, of Euclidean length 1: two rectangular bumps of opposite sign,
 * side by side or one above the other by chance. Andriushchenko et al. (2020), section 4.4, η.
 */
export function bumps(side: number, random: Random): Float64Array {
  const half = Math.floor(side / 2);
  const upper = bump(half, side);
  const lower = bump(side - half, side);
  const both = Float64Array.from({ length: side * side }, (_, at) =>
    at < half * side ? upper[at]! : -lower[at - half * side]!,
  );
  scaleToOne(both);
  if (random.uniform() < 0.5) return both;
  return both.map((_, at) => both[(at % side) * side + Math.floor(at / side)]!);
}

/** One bump of rows × columns and length 1: squares that grow about its middle, the k-th of height 1 / k². */
function bump(rows: number, columns: number): Float64Array {
  const values = new Float64Array(rows * columns);
  const [middleRow, middleColumn] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  const squares = Math.max(middleRow, middleColumn) + 1;
  for (let k = 0; k < squares; k++) {
    for (let r = Math.max(middleRow - k, 0); r < Math.min(middleRow + k + 1, rows); r++) {
      for (let c = Math.max(middleColumn - k, 0); c < Math.min(middleColumn + k + 1, columns); c++) {
        values[r * columns + c]! += 1 / (k + 1) ** 2;
      }
    }
  }
  scaleToOne(values);
  return values;
}

function scaleToOne(values: Float64Array): void {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (length > 0) for (let i = 0; i < values.length; i++) values[i]! /= length;
}
