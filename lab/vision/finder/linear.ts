/**
 * Solves A·x = b for a square matrix by elimination with partial pivoting; both arguments are overwritten.
 *
 * @param a n × n, row by row.
 * @returns b, which then holds x; undefined where the matrix is singular.
 */
export function solve(a: Float64Array, b: Float64Array): Float64Array | undefined {
  const n = b.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(a[row * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = row;
    }
    if (!(Math.abs(a[pivot * n + column]!) > 1e-14)) return undefined;
    if (pivot !== column) swapRows(a, b, n, pivot, column);
    for (let row = column + 1; row < n; row++) {
      const factor = a[row * n + column]! / a[column * n + column]!;
      if (factor === 0) continue;
      for (let i = column; i < n; i++) a[row * n + i]! -= factor * a[column * n + i]!;
      b[row]! -= factor * b[column]!;
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = b[row]!;
    for (let i = row + 1; i < n; i++) sum -= a[row * n + i]! * b[i]!;
    b[row] = sum / a[row * n + row]!;
  }
  return b;
}

function swapRows(a: Float64Array, b: Float64Array, n: number, one: number, other: number): void {
  for (let i = 0; i < n; i++) {
    const kept = a[one * n + i]!;
    a[one * n + i] = a[other * n + i]!;
    a[other * n + i] = kept;
  }
  const kept = b[one]!;
  b[one] = b[other]!;
  b[other] = kept;
}

/** The sums that a least-squares fit needs: AᵀWA and AᵀWr, gathered residual by residual. */
export class NormalEquations {
  readonly size: number;
  readonly matrix: Float64Array;
  readonly right: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.matrix = new Float64Array(size * size);
    this.right = new Float64Array(size);
  }

  /** Adds one residual: `gradient`·x ≈ `value`. */
  add(gradient: ArrayLike<number>, value: number, weight = 1): void {
    const { size, matrix, right } = this;
    for (let i = 0; i < size; i++) {
      const scaled = weight * gradient[i]!;
      if (scaled === 0) continue;
      right[i]! += scaled * value;
      // The other half is the same.
      for (let j = i; j < size; j++) matrix[i * size + j]! += scaled * gradient[j]!;
    }
  }

  /** The solution; undefined where the residuals don't determine it. Uses the sums up. */
  solve(): Float64Array | undefined {
    const { size, matrix } = this;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) matrix[i * size + j] = matrix[j * size + i]!;
    }
    return solve(matrix, this.right);
  }
}
