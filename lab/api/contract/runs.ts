import { z } from 'zod';
import type { ImageOutcome, ModelOutcomes } from '../../experiments/physical/outcomes.ts';
import type { PhysicalResults } from '../../experiments/physical/results.ts';
import { recipeSchema } from '../../experiments/recipe/schema.ts';
import type { RunRecord } from '../../runs/record.ts';
import type { Job } from './jobs.ts';
import type { Classification } from './models.ts';
import { fileName, named, nothing } from './shared.ts';

const createRun = z.strictObject({
  recipe: recipeSchema,
  /** The folder that the recipe's paths are relative to; the lab's own where nobody says. */
  recipeFolder: z.string().min(1).optional(),
});

const startRun = z.strictObject({
  id: fileName,
  /**
   * How far: the adversarial images and what every model says of them; the sheets to print; or everything, with the
   * captures that the recipe names and the report.
   */
  until: z.enum(['examples', 'sheets', 'report']),
});

const runFile = z.strictObject({
  id: fileName,
  /** Relative to the run's folder, with `/`. */
  path: z.string().min(1).max(500),
});

const classifyRunFile = z.strictObject({
  id: fileName,
  path: z.string().min(1).max(500),
  /** A model of the run, bare or behind defences; the one of the examples where nobody says. */
  model: z.string().min(1).max(5000).optional(),
  top: z.int().min(1).max(100).default(5),
});

/** Runs: physical experiments, each a folder. */
export const runRequests = {
  listRuns: nothing,
  createRun,
  readRecipe: z.strictObject({ text: z.string().max(1_000_000) }),
  openRun: named,
  startRun,
  renameRun: z.strictObject({ id: fileName, title: z.string().trim().min(1).max(200) }),
  noteRun: z.strictObject({ id: fileName, notes: z.string().max(10_000) }),
  runOutcomes: named,
  runFile,
  classifyRunFile,
} as const;

export type CreateRunRequest = z.input<typeof createRun>;
export type StartRunRequest = z.input<typeof startRun>;
export type RunFileRequest = z.input<typeof runFile>;
export type ClassifyRunFileRequest = z.input<typeof classifyRunFile>;
export type RenameRunRequest = z.input<typeof runRequests.renameRun>;
export type NoteRunRequest = z.input<typeof runRequests.noteRun>;
export type RecipeInput = z.input<typeof recipeSchema>;
export type Recipe = z.output<typeof recipeSchema>;
export type { ImageOutcome, ModelOutcomes, PhysicalResults, RunRecord };

/** A run as a list shows it. */
export interface RunListed {
  readonly id: string;
  readonly title: string;
  /** ISO 8601; empty where the run can't be read. */
  readonly created: string;
  readonly model: string;
  /** Titles of its attacks. */
  readonly attacks: readonly string[];
  /** It has results. */
  readonly measured: boolean;
  /** Why it can't be opened. */
  readonly problem?: string;
}

/** How far an attack of a run is. */
export interface VariantProgress {
  readonly key: string;
  readonly title: string;
  readonly attack: string;
  readonly epsilon?: number;
  /** Images done, of the run's `images`. */
  readonly done: number;
  readonly queries: number;
  readonly gradients: number;
  /** Images on which the attack broke its own bound; they were put back within it. */
  readonly broken: number;
  readonly seconds: number;
}

/** A model of a run, bare or behind defences. */
export interface RunModelNamed {
  readonly name: string;
  /** The defences that stand before the model of the examples, in words. */
  readonly defense?: string;
}

/** A run that is open. */
export interface RunDetail {
  readonly id: string;
  /** Path of its folder. */
  readonly folder: string;
  readonly record: RunRecord;
  /** Who is asked about the images, by the names that outcomes have: the model of the examples first. */
  readonly models: readonly RunModelNamed[];
  /** The source images: undefined until the clean ones are written. */
  readonly sources?: readonly { readonly name: string; readonly label: number }[];
  readonly variants: readonly VariantProgress[];
  /** Every image of every attack is made. */
  readonly examplesDone: boolean;
  /** How many sheets are laid out; 0 while none are. */
  readonly sheets: number;
  readonly captures: { readonly taken: number; readonly used: number };
  /** `results.json` and the report are there, and photographs that they are about. */
  readonly measured: boolean;
}

/** What the run says so far, over the attacks whose images are all made and the captures that are there. */
export interface RunOutcomes {
  /** Keys of the attacks that are in it. */
  readonly variants: readonly string[];
  readonly results: PhysicalResults;
  /** Sentences. */
  readonly headline: readonly string[];
  /** Every model's verdict on every image; the model of the examples first. */
  readonly models: readonly ModelOutcomes[];
}

export interface RunsApi {
  /** Newest first. */
  listRuns(): Promise<RunListed[]>;
  /** Checks all of a recipe that can be checked, and makes the run's folder. */
  createRun(request: CreateRunRequest): Promise<RunDetail>;
  /** A recipe from YAML or JSON text. Throws `bad-argument` naming the key that is wrong. */
  readRecipe(request: { text: string }): Promise<Recipe>;
  openRun(request: { id: string }): Promise<RunDetail>;
  /** Begins or goes on with a run. Throws where a job works on it already. */
  startRun(request: StartRunRequest): Promise<Job>;
  renameRun(request: RenameRunRequest): Promise<void>;
  /** What people note on a run: printer, paper, lamp, camera. It stands in its report, the next time that is written. */
  noteRun(request: NoteRunRequest): Promise<void>;
  /** Null while no attack's images are made. Asks the models what they weren't asked before. */
  runOutcomes(request: { id: string }): Promise<RunOutcomes | null>;
  /** A file of the run's folder: an image, a crop, the PDF, the report. Throws `not-found`. */
  runFile(request: RunFileRequest): Promise<Uint8Array>;
  /** The best classes for an image of the run's folder. */
  classifyRunFile(request: ClassifyRunFileRequest): Promise<Classification>;
}
