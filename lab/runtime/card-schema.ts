import { z } from 'zod';

/**
 * What a model's card may say, as it is checked: a file of its own, for the contract checks cards that people write
 * with it, and the contract runs in browsers. `card.ts` says what it means.
 */

/** Channels of a channel order: 1 for grey, else 3. */
export function channelCount(channels: 'rgb' | 'bgr' | 'grey'): number {
  return channels === 'grey' ? 1 : 3;
}

const pixels = z.int().min(1).max(65_536);
const inputSchema = z
  .strictObject({
    layout: z.enum(['nchw', 'nhwc']).default('nchw'),
    height: pixels.optional(),
    width: pixels.optional(),
    channels: z.enum(['rgb', 'bgr', 'grey']).default('rgb'),
    range: z
      .tuple([z.number(), z.number()])
      .refine(([low, high]) => low < high, 'expected [low, high] with low below high')
      .default([0, 1]),
    mean: z.array(z.number()).optional(),
    std: z.array(z.number().refine((v) => v !== 0, 'no std may be zero')).optional(),
  })
  .superRefine((input, context) => {
    const count = channelCount(input.channels);
    for (const key of ['mean', 'std'] as const) {
      const length = input[key]?.length ?? count;
      if (length !== count) {
        const message = `expected ${count} numbers for ${input.channels}, got ${length}`;
        context.addIssue({ code: 'custom', path: [key], message });
      }
    }
  });

const share = z.number().min(0).max(1);

/** What a training wrote about the model that came of it. */
export const trainingSchema = z.strictObject({
  /** The data set's and the recipe's names. */
  data: z.string(),
  recipe: z.string(),
  seed: z.int(),
  /** Epochs that the weights have seen. */
  epochs: z.int(),
  /** The defence that it was trained with. */
  defense: z.object({ name: z.string(), parameters: z.record(z.string(), z.unknown()) }).optional(),
  /** With the ends of its 95% interval. */
  accuracy: z.strictObject({ split: z.string(), share, low: share, high: share, images: z.int() }),
  /** The execution provider in words. */
  provider: z.string(),
  /** Of the model file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A card as it lies in its file. Classes are read by `parseClasses`. */
export const cardSchema = z.strictObject({
  name: z.string().min(1).optional(),
  input: inputSchema.prefault({}),
  classes: z.unknown().optional(),
  output: z.enum(['logits', 'probabilities']).default('logits'),
  source: z.string().optional(),
  licence: z.string().optional(),
  training: trainingSchema.optional(),
});
