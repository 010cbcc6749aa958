import { z } from 'zod';
import { recipeSchema } from '../experiments/recipe/schema.ts';

/** What `run.json` says of a run: all that decided its result. */

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256');
const value = z.union([z.number(), z.string(), z.boolean()]);

/** A model file of the run. */
export const modelRecordSchema = z.strictObject({
  /** As the recipe names it. */
  name: z.string(),
  /** Where it was found. */
  path: z.string(),
  sha256: hash,
  provider: z.string(),
});

/** Which plugin it was; absent in runs of before it was noted. */
const plugin = {
  version: z.string().optional(),
  /** Of the plugin's files, as `halftone plugins` shows it. */
  checksum: z.string().optional(),
};

/** A row of the table: an attack with its parameters, filled in. */
export const variantRecordSchema = z.strictObject({
  key: z.string(),
  title: z.string(),
  attack: z.string(),
  ...plugin,
  parameters: z.record(z.string(), value),
  epsilon: z.number().optional(),
  target: z.union([z.string(), z.number()]).optional(),
  channel: z.strictObject({ name: z.string(), set: z.record(z.string(), value) }).optional(),
});

/** A chain of defences that the model of the examples is asked behind. */
export const chainRecordSchema = z.strictObject({
  /** Unique in the run: `jpeg (quality 60), then median`. */
  title: z.string(),
  /** In order, with their parameters, filled in. */
  steps: z
    .array(z.strictObject({ defense: z.string(), ...plugin, parameters: z.record(z.string(), value) }))
    .min(1),
});

export const runRecordSchema = z.strictObject({
  version: z.literal(1),
  /** Short, and unlike any other run's: what its sheets carry. */
  id: z.string().regex(/^[a-z0-9]{6,16}$/),
  /** For people; may be changed. */
  title: z.string().min(1).max(200),
  /** What no file says: printer, paper, lamp, camera. For people; may be changed. */
  notes: z.string().max(10_000).optional(),
  /** ISO 8601. */
  created: z.string(),
  halftone: z.string(),
  platform: z.string(),
  recipe: recipeSchema,
  /** The folder that the recipe's paths are relative to. */
  recipeFolder: z.string(),
  models: z.array(modelRecordSchema).min(1),
  classes: z.array(z.string()),
  /** Size of the images, as the model takes them. */
  input: z.strictObject({
    height: z.int().positive(),
    width: z.int().positive(),
    channels: z.union([z.literal(1), z.literal(3)]),
  }),
  variants: z.array(variantRecordSchema),
  defenses: z.array(chainRecordSchema).default([]),
});

export type ModelRecord = z.infer<typeof modelRecordSchema>;
export type VariantRecord = z.infer<typeof variantRecordSchema>;
export type ChainRecord = z.infer<typeof chainRecordSchema>;
export type RunRecord = z.infer<typeof runRecordSchema>;
