import { z } from 'zod';
import { sheetSettingsSchema } from '../../vision/sheet/settings.ts';

/**
 * A physical experiment as people write it, in YAML or JSON: everything that decides its result. Every key is
 * explained in `docs/recipes.md`.
 */

const word = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, 'letters, digits, dots and dashes')
  .max(64);
const parameterValue = z.union([z.number(), z.string(), z.boolean()]);
/** A plugin's parameters; its defaults for the rest. */
const parameterSet = z.record(z.string(), parameterValue).default({});

const attackSchema = z.strictObject({
  /** The plugin's name. */
  attack: z.string().min(1),
  set: parameterSet,
  /** One parameter with the values of a curve, such as `epsilon: [2/255, 4/255]`: an attack each. */
  each: z
    .record(z.string(), z.array(parameterValue).min(1))
    .refine((each) => Object.keys(each).length === 1, 'one parameter, with a list of its values')
    .optional(),
  /** Name, id or index of the class that all images are to become; without it any wrong class is success. */
  target: z.union([z.string(), z.int().min(0)]).optional(),
  /** A channel for attacks that train through one. */
  channel: z.strictObject({ name: z.string().min(1), set: parameterSet }).optional(),
});

/** A defence: its plugin's name, or the name with parameters. */
const defenseSchema = z.union([
  z
    .string()
    .min(1)
    .transform((defense) => ({ defense, set: {} as z.output<typeof parameterSet> })),
  z.strictObject({ defense: z.string().min(1), set: parameterSet }),
]);

/** Defences that images go through one after the other; one alone needs no list. */
const chainSchema = z.union(
  [defenseSchema.transform((defense) => [defense]), z.array(defenseSchema).min(1).max(10)],
  { error: "a defence's name, `{ defense: NAME, set: {…} }`, or a list of these" },
);

const dataSchema = z.union(
  [
    z.strictObject({
      /** A data set's name. */
      set: z.string().min(1),
      split: z.enum(['train', 'test']).default('test'),
      count: z.int().min(1).max(10_000).default(24),
      /** Seed of a random choice; the first images without it. */
      shuffle: z.int().min(0).optional(),
    }),
    z.strictObject({
      /** Image files, each named `<class>_…` or in a folder named by class. */
      folder: z.string().min(1),
      /** JSON with the class names; the model card's by default. */
      classes: z.string().min(1).optional(),
      count: z.int().min(1).max(10_000).optional(),
      shuffle: z.int().min(0).optional(),
    }),
  ],
  { error: 'either `set: NAME` or `folder: PATH`, with count and shuffle' },
);

const selectionSchema = z.union(
  [
    z.literal('average'),
    z.strictObject({
      /** Least confidence of both verdicts, 0 to 1. */
      prefiltered: z.number().min(0).lt(1),
    }),
  ],
  { error: 'either `average`, or `prefiltered: CONFIDENCE`' },
);

const captureSchema = z.union(
  [
    z.strictObject({
      simulate: z.strictObject({
        printer: z.string().min(1).default('office-laser'),
        camera: z.string().min(1).default('webcam-1080p'),
        /** Photographs of each sheet. */
        views: z.int().min(1).max(200).default(3),
      }),
    }),
    z.strictObject({ files: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]) }),
    z.strictObject({ webcam: z.literal(true) }),
  ],
  { error: 'one of `simulate: {…}`, `files: PATH`, `webcam: true`' },
);

export const recipeSchema = z.strictObject({
  /** Names the run and its folder. */
  name: word,
  /** Of all randomness. */
  seed: z.int().min(0).default(0),
  /** Where the examples are made: an ONNX file, or the name of a model that ships. */
  model: z.string().min(1),
  /** Other models that the same photographs are shown to: the black-box columns. */
  others: z.array(z.string().min(1)).default([]),
  data: dataSchema,
  selection: selectionSchema.default('average'),
  attacks: z.array(attackSchema).min(1).max(100),
  /** Each is put before the model of the examples, and asked about the same files and photographs: a column each. */
  defenses: z.array(chainSchema).max(20).default([]),
  /** Two attack names whose comparison is the headline; by default the first and the second of the recipe. */
  compare: z.tuple([z.string(), z.string()]).optional(),
  /** How images are laid on paper; see `lab/vision/sheet/settings.ts`. */
  sheet: sheetSettingsSchema.prefault({}),
  captures: z.array(captureSchema).default([]),
});

/** A recipe with its defaults filled in. */
export type ExperimentRecipe = z.infer<typeof recipeSchema>;
export type AttackEntry = ExperimentRecipe['attacks'][number];
export type DefenseChain = ExperimentRecipe['defenses'][number];
export type CaptureEntry = ExperimentRecipe['captures'][number];
