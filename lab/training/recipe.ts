import { z } from 'zod';
import { parseWith, readYaml } from '../data/schema.ts';
import { augmentationSchema } from './augment.ts';
import { networkSchema } from './network.ts';
import { optimizerSchema } from './optimizer.ts';
import { scheduleSchema } from './schedule.ts';

/** Everything that decides what a training makes: with the same data and provider, the same weights. */
export type Recipe = z.infer<typeof recipeSchema>;

export const recipeSchema = z.strictObject({
  /** What the model is called, in its card and in its file's name. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'expected letters, digits, dots, dashes'),
  /** Where the network comes from: paper, address. */
  source: z.string().min(1).optional(),
  licence: z.string().min(1).optional(),
  /** A data set's name, as on the command line. */
  data: z.string().min(1),
  network: networkSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  /** Of weights with two axes or more; see `Update.decay`. */
  weightDecay: z.number().min(0).default(0),
  /** Largest global norm of a batch's gradients; not clipped by default. */
  clipNorm: z.number().positive().optional(),
  /** Share of the label's one that is spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** What is done to images each time that they are learnt from; nothing by default. */
  augment: augmentationSchema.optional(),
  /** The defence that states what is learnt from instead of the images; none by default. */
  defense: z
    .strictObject({
      name: z.string().min(1),
      parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
    })
    .optional(),
  /** Images a step; an epoch's last step takes what is left. */
  batch: z.int().min(1).max(65_536),
  epochs: z.int().min(1).max(100_000),
  seed: z.int().min(0).default(1),
  /** Training images that are kept apart, drawn by the seed, to choose the best epoch by; none by default. */
  validation: z.int().min(1).optional(),
  /** Bits in which the model's file holds each weight of a dense layer; see `storage.ts`. float32 by default. */
  denseBits: z.union([z.literal(4), z.literal(8)]).optional(),
  /** Epochs without a better validation accuracy after which the training ends. */
  patience: z.int().min(1).optional(),
});

/** A recipe from parsed YAML or JSON; `what` names it in errors. Throws `bad-file`, naming the field. */
export function parseRecipe(value: unknown, what: string): Recipe {
  const checked = recipeSchema.refine(
    ({ patience, validation }) => patience === undefined || validation !== undefined,
    { path: ['patience'], message: 'needs validation images to be patient about' },
  );
  return parseWith(checked, value, what);
}

/** Reads a recipe, YAML or JSON. Throws `not-found` or `bad-file`, naming file and field. */
export async function readRecipe(path: string): Promise<Recipe> {
  return parseRecipe(await readYaml(path), path);
}
