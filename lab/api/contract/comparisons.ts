import { z } from 'zod';
import { recipeSchema } from '../../experiments/recipe/schema.ts';
import type { Job } from './jobs.ts';
import { named, nothing, parameterValues } from './shared.ts';

const chosen = z.strictObject({ name: z.string().min(1).max(100), set: parameterValues.default({}) });
/** `channel`: for attacks that train through one. */
const attack = chosen.extend({ channel: chosen.optional() });
const model = z.string().min(1).max(500);
const seed = z.int().min(0).default(0);
const title = z.string().trim().min(1).max(200).optional();

export const transferSchema = z.strictObject({
  title,
  /** Models that the examples are made on. */
  sources: z.array(model).min(1).max(50),
  /** Models that they are shown to; a source may be among them. */
  targets: z.array(model).min(1).max(50),
  attacks: z.array(attack).min(1).max(50),
  data: recipeSchema.shape.data,
  seed,
});

export const defendSchema = z.strictObject({
  title,
  model,
  attack,
  data: recipeSchema.shape.data,
  /** Each a row of defences, in order, that stands before the model. */
  chains: z.array(z.array(chosen).min(1).max(10)).min(1).max(20),
  /** Measure an attack that knows the defences too: its gradients go through them. */
  through: z.boolean().default(true),
  seed,
});

/** Comparisons on files: transfer between models, and defences. */
export const comparisonRequests = {
  startTransfer: transferSchema,
  startDefend: defendSchema,
  listComparisons: nothing,
  openComparison: named,
  removeComparison: named,
  restoreComparison: named,
} as const;

export type TransferInput = z.input<typeof transferSchema>;
export type DefendInput = z.input<typeof defendSchema>;

export const proportionSchema = z.strictObject({
  successes: z.number(),
  n: z.number(),
  share: z.number(),
  low: z.number(),
  high: z.number(),
});

/** By source, then attack, then target. */
export const transferResultSchema = z.strictObject({
  images: z.int(),
  cells: z.array(
    z.strictObject({
      source: z.string(),
      variant: z.string(),
      target: z.string(),
      /** Adversarial images that the target has wrong, of those that it has right when clean. */
      fooled: proportionSchema,
      /** The same, of the images that fooled the source too. */
      fooledOfSource: proportionSchema,
    }),
  ),
  spent: z.array(
    z.strictObject({
      source: z.string(),
      variant: z.string(),
      gradients: z.number(),
      queries: z.number(),
    }),
  ),
});

export const defendResultSchema = z.strictObject({
  images: z.int(),
  rows: z.array(
    z.strictObject({
      /** Index of the chain; absent without a defence. */
      chain: z.int().optional(),
      /** The attack knew the defences. */
      aware: z.boolean(),
      /** Top-1 accuracy. */
      clean: proportionSchema,
      adversarial: proportionSchema,
      gradients: z.number(),
      queries: z.number(),
      warnings: z.array(z.string()),
    }),
  ),
});

const kept = { version: z.literal(1), id: z.string(), title: z.string(), created: z.string() };

/** A comparison as it is kept; without a result where its job didn't come to one. */
export const comparisonSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...kept,
    kind: z.literal('transfer'),
    request: transferSchema,
    result: transferResultSchema.optional(),
  }),
  z.strictObject({
    ...kept,
    kind: z.literal('defend'),
    request: defendSchema,
    result: defendResultSchema.optional(),
  }),
]);

export type Comparison = z.output<typeof comparisonSchema>;
export type TransferMatrix = z.output<typeof transferResultSchema>;
export type DefendTable = z.output<typeof defendResultSchema>;

/** A comparison as a list shows it. */
export interface ComparisonListed {
  readonly id: string;
  readonly kind: Comparison['kind'];
  readonly title: string;
  readonly created: string;
  readonly done: boolean;
}

export interface ComparisonsApi {
  /** Examples of each source are made once and shown to every target. The job's subject is the comparison's id. */
  startTransfer(request: TransferInput): Promise<Job>;
  /** One attack on one model behind defences, which it doesn't know, and which it knows. */
  startDefend(request: DefendInput): Promise<Job>;
  /** Newest first. */
  listComparisons(): Promise<ComparisonListed[]>;
  openComparison(request: { id: string }): Promise<Comparison>;
  /** Puts one away; `restoreComparison` brings it back. */
  removeComparison(request: { id: string }): Promise<void>;
  restoreComparison(request: { id: string }): Promise<void>;
}
