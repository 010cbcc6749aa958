import { z } from 'zod';
import type { RunComparison } from '../../experiments/physical/two-runs.ts';
import type { ViewRow } from '../../experiments/physical/views.ts';
import type { Recipe, RunListed } from './runs.ts';
import { bytesUpTo, fileName, named, nothing } from './shared.ts';

/** The largest zip file of a run that is taken over the line. */
export const zipBytes = bytesUpTo(1024 * 2 ** 20);

/** Of one part of an export: what a message carries well. */
export const exportPartBytes = 4 * 2 ** 20;

/** Runs as a shelf of them: their administration, their comparison, their ways in and out. */
export const runAdminRequests = {
  runFacts: z.strictObject({ ids: z.array(fileName).max(10_000) }),
  compareRuns: z.strictObject({ first: fileName, second: fileName }),
  runViews: z.strictObject({
    id: fileName,
    /** A model of the run. */
    model: z.string().min(1),
  }),
  duplicateRun: named,
  reportRun: named,
  deleteRun: named,
  listTrash: nothing,
  restoreRun: named,
  emptyTrash: nothing,
  zipRun: named,
  exportPart: z.strictObject({ name: fileName, offset: z.int().min(0) }),
  openZip: z.strictObject({
    /** The zip file's own name. */
    name: fileName,
    bytes: zipBytes,
  }),
} as const;

export type RunFactsRequest = z.input<typeof runAdminRequests.runFacts>;
export type CompareRunsRequest = z.input<typeof runAdminRequests.compareRuns>;
export type ExportPartRequest = z.input<typeof runAdminRequests.exportPart>;
export type OpenZipRequest = z.input<typeof runAdminRequests.openZip>;
export type {
  ComparedRow,
  RateDifference,
  RunComparison,
  RunMeasure,
} from '../../experiments/physical/two-runs.ts';
export type { ViewOfAttack, ViewRow } from '../../experiments/physical/views.ts';

/** How far a run is. */
export type RunStage = 'new' | 'examples' | 'sheets' | 'captures' | 'measured';

/** What a list shows of a run beside what it is called. */
export interface RunFacts {
  readonly id: string;
  /** Its images, in words: `mnist, 24`. */
  readonly data: string;
  readonly stage: RunStage;
  /** Of its files, in bytes. */
  readonly size: number;
}

/** A deleted run. */
export interface TrashedRun {
  /** Its name in the trash. */
  readonly id: string;
  readonly title: string;
  /** When it was deleted, ISO 8601. */
  readonly deleted: string;
}

/** A run's recipe for another one. */
export interface DuplicatedRecipe {
  readonly title: string;
  /** Its paths to data are absolute. */
  readonly recipe: Recipe;
}

/** What one model made of a run's photographs, by how they were taken. */
export interface RunViews {
  readonly angle: readonly ViewRow[];
  readonly dpi: readonly ViewRow[];
}

/** A file that was written to be taken away, in parts. */
export interface ExportedFile {
  /** For `exportPart`. */
  readonly name: string;
  readonly size: number;
}

export interface RunAdminApi {
  /** Facts of some runs, in their order; those that aren't there or can't be read are left out. */
  runFacts(request: RunFactsRequest): Promise<RunFacts[]>;
  /** Two runs side by side, with what the data can tell apart. Throws `bad-argument` where one has no images yet. */
  compareRuns(request: CompareRunsRequest): Promise<RunComparison>;
  /** Null while no attack's images are made. Throws `not-found` for a model that the run hasn't got. */
  runViews(request: { id: string; model: string }): Promise<RunViews | null>;
  /** The recipe of a run to edit and run again. */
  duplicateRun(request: { id: string }): Promise<DuplicatedRecipe>;
  /** Writes results (`results.json`, `results.csv`) and `report.html` of what the run has now. */
  reportRun(request: { id: string }): Promise<void>;
  /** Puts a run in the trash and gives its name there. Throws `bad-argument` while something works on it. */
  deleteRun(request: { id: string }): Promise<{ id: string }>;
  /** The latest first. */
  listTrash(): Promise<TrashedRun[]>;
  /** Brings a run back; its id is another one where its own was taken meanwhile. */
  restoreRun(request: { id: string }): Promise<{ id: string }>;
  /** Deletes for good what is in the trash. */
  emptyTrash(): Promise<void>;
  /** Packs a run's folder. The file lies ready for an hour at least. */
  zipRun(request: { id: string }): Promise<ExportedFile>;
  /** The bytes of an export from an offset on, some megabytes; none at its end. */
  exportPart(request: ExportPartRequest): Promise<Uint8Array>;
  /** Unpacks a run. What is no run, is too large or leads out of its folder is refused, and nothing stays of it. */
  openZip(request: OpenZipRequest): Promise<RunListed>;
}
