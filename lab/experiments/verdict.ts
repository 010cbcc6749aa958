import { argmax, ranks, softmaxRows } from '../runtime/scores.ts';

/** What one model said of one image whose class is known. */
export interface Verdict {
  /** Index of the predicted class. */
  readonly predicted: number;
  /** Softmax probability of the predicted class, 0 to 1. */
  readonly confidence: number;
  /** Place of the true class among the logits, 0 for the largest: below 1 is right, below 5 is right in the top five. */
  readonly rank: number;
}

/** The verdicts that logits give, one an image. `logits` is [labels.length × classes]. */
export function verdictsOf(logits: Float32Array, classes: number, labels: Int32Array): Verdict[] {
  const predicted = argmax(logits, classes);
  const places = ranks(logits, classes, labels);
  const probabilities = softmaxRows(logits, classes);
  return Array.from(predicted, (label, row) => ({
    predicted: label,
    confidence: probabilities[row * classes + label]!,
    rank: places[row]!,
  }));
}

/** Whether the true class is among the k largest logits. */
export function within(verdict: Verdict, k: number): boolean {
  return verdict.rank < k;
}
