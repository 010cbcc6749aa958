/** What logits say: predictions, ranks, probabilities. Rows of `classes` values, one an image. */

/** Index of the largest value of each row of `classes` values; the first of equals. */
export function argmax(logits: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: logits.length / classes }, (_, row) => {
    let best = 0;
    for (let i = 1; i < classes; i++) {
      if (logits[row * classes + i]! > logits[row * classes + best]!) best = i;
    }
    return best;
  });
}

/**
 * The place of each row's label among its values, 0 for the largest; of equal values the first index leads, as in
 * `argmax`. A label is among the top k when its rank is below k.
 */
export function ranks(logits: Float32Array, classes: number, labels: Int32Array): Int32Array {
  return labels.map((label, row) => {
    const own = logits[row * classes + label]!;
    let rank = 0;
    for (let i = 0; i < classes; i++) {
      const value = logits[row * classes + i]!;
      if (value > own || (value === own && i < label)) rank += 1;
    }
    return rank;
  });
}

/** softmax of each row, in float64, safe for large logits. [rows × classes]. */
export function softmaxRows(logits: Float32Array, classes: number): Float64Array {
  const result = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const row = logits.subarray(start, start + classes);
    const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (let i = 0; i < classes; i++) {
      const value = Math.exp(row[i]! - top);
      result[start + i] = value;
      sum += value;
    }
    for (let i = 0; i < classes; i++) result[start + i]! /= sum;
  }
  return result;
}
