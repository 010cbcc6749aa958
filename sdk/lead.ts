/**
 * How far an image's logits are on the wanted side: Z_target − max of the others where `targeted`, else max of the
 * others − Z_label. Positive where the criterion is met; the objective `logit-difference`.
 */
export function lead(logits: Float32Array, wanted: number, targeted: boolean): number {
  let other = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) if (i !== wanted) other = Math.max(other, logits[i]!);
  const ahead = logits[wanted]! - other;
  return targeted ? ahead : -ahead;
}
