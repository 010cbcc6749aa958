/** log softmax(Z)_k of one image's logits, in float64, safe for large ones: ranks what probabilities round to 1. */
export function logProbability(logits: Float32Array, k: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - top);
  return logits[k]! - top - Math.log(sum);
}
