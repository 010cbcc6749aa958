/** A loss at some logits, and its slope there. */
export interface LossSlope {
  readonly value: number;
  /** d(value)/d(logits). */
  readonly slope: Float32Array;
}

/**
 * Difference of logits ratio: −(z_y − max_{i≠y} z_i) / (z_π1 − z_π3), π the order from the largest. Croce and Hein
 * (2020), eq. 6. Unlike the cross-entropy it doesn't change when the logits are scaled. `z` has three entries or more.
 */
export function dlr(z: Float32Array, label: number): LossSlope {
  const order = descending(z);
  const other = order[0] === label ? order[1]! : order[0]!;
  return ratio(z, { ahead: other, behind: label, first: order[0]!, others: [order[2]!] });
}

/**
 * Targeted difference of logits ratio: −(z_y − z_t) / (z_π1 − (z_π3 + z_π4) / 2). Croce and Hein (2020), eq. 7. `z` has
 * four entries or more. Without a label the largest logit but the target's stands for it.
 */
export function targetedDlr(z: Float32Array, label: number | undefined, target: number): LossSlope {
  const order = descending(z);
  const behind = label ?? (order[0] === target ? order[1]! : order[0]!);
  return ratio(z, { ahead: target, behind, first: order[0]!, others: [order[2]!, order[3]!] });
}

interface Parts {
  readonly ahead: number;
  readonly behind: number;
  readonly first: number;
  /** Classes whose mean is taken from the first. */
  readonly others: readonly number[];
}

function ratio(z: Float32Array, { ahead, behind, first, others }: Parts): LossSlope {
  const mean = others.reduce((sum, k) => sum + z[k]!, 0) / others.length;
  // As in the authors' code, against division by zero.
  const below = z[first]! - mean + 1e-12;
  const value = (z[ahead]! - z[behind]!) / below;
  const slope = new Float32Array(z.length);
  slope[ahead]! += 1 / below;
  slope[behind]! -= 1 / below;
  slope[first]! -= value / below;
  for (const k of others) slope[k]! += value / below / others.length;
  return { value, slope };
}

/** Class indices from the largest logit to the smallest; among equal ones the first comes first. */
export function descending(z: Float32Array): number[] {
  return Array.from(z.keys()).sort((a, b) => z[b]! - z[a]! || a - b);
}
