import { z } from 'zod';

/** Optimizers on plain arrays: one pass over each weight, in float64, stored in float32. */

/** An optimizer as recipes name it. */
export type OptimizerSpec = z.infer<typeof optimizerSchema>;

export const optimizerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('sgd'),
    /** Learning rate before the schedule. */
    rate: z.number().positive(),
    momentum: z.number().min(0).lt(1).default(0),
    nesterov: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal('adam'),
    rate: z.number().positive().default(0.001),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().positive().default(1e-8),
  }),
]);

/** One update of one weight. */
export interface Update {
  /** Counted from 1, over the whole training. */
  readonly step: number;
  readonly rate: number;
  /** What the gradient is multiplied by before anything else: clipping. */
  readonly scale: number;
  /**
   * Weight decay. SGD adds decay·w to the gradient; Adam takes rate·decay·w from the weight beside its own step
   * (Loshchilov and Hutter 2019).
   */
  readonly decay: number;
}

/** What an optimizer remembers of a weight, each array as long as the weight. */
export type Slots = readonly Float32Array[];

/** How many arrays it remembers for a weight. */
export function slotCount(spec: OptimizerSpec): number {
  if (spec.type === 'adam') return 2;
  return spec.momentum > 0 ? 1 : 0;
}

/** Changes `weights` and `slots` in place by one step. */
export function updateWeights(
  spec: OptimizerSpec,
  weights: Float32Array,
  gradient: Float32Array,
  slots: Slots,
  update: Update,
): void {
  if (spec.type === 'adam') adam(spec, weights, gradient, slots, update);
  else sgd(spec, weights, gradient, slots[0], update);
}

/** v ← μv + g, w ← w − η·v; with Nesterov's momentum w ← w − η·(g + μv). Sutskever et al. 2013. */
function sgd(
  { momentum, nesterov }: OptimizerSpec & { type: 'sgd' },
  weights: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array | undefined,
  { rate, scale, decay }: Update,
): void {
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i]! * scale + decay * weights[i]!;
    if (velocity === undefined) {
      weights[i] = weights[i]! - rate * g;
      continue;
    }
    const v = momentum * velocity[i]! + g;
    velocity[i] = v;
    weights[i] = weights[i]! - rate * (nesterov ? g + momentum * v : v);
  }
}

/**
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η·m̂/(√v̂ + ε), m̂ and v̂ freed of their start at zero.
 * Kingma and Ba 2015.
 */
function adam(
  { beta1, beta2, epsilon }: OptimizerSpec & { type: 'adam' },
  weights: Float32Array,
  gradient: Float32Array,
  slots: Slots,
  { step, rate, scale, decay }: Update,
): void {
  const [mean, square] = slots as readonly [Float32Array, Float32Array];
  const stride = rate / (1 - beta1 ** step);
  const widen = 1 / (1 - beta2 ** step);
  const keep = 1 - rate * decay;
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i]! * scale;
    const m = beta1 * mean[i]! + (1 - beta1) * g;
    const v = beta2 * square[i]! + (1 - beta2) * g * g;
    mean[i] = m;
    square[i] = v;
    weights[i] = keep * weights[i]! - (stride * m) / (Math.sqrt(v * widen) + epsilon);
  }
}

/** Euclidean length of all gradients taken together. */
export function globalNorm(gradients: Iterable<Float32Array>): number {
  let sum = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!;
  }
  return Math.sqrt(sum);
}

/** What gradients of this global norm are multiplied by, so that it stays at `limit` or below. Pascanu et al. 2013. */
export function clippingScale(norm: number, limit: number): number {
  return norm > limit ? limit / norm : 1;
}
