import { resolve } from 'node:path';
import { lockRun, type Run } from '../../runs/folder.ts';
import { writeReport } from '../../runs/report/report.ts';
import type { Sheet } from '../../vision/sheet/geometry.ts';
import { collectOutcomes } from './collect.ts';
import { makeExamples } from './examples.ts';
import { type LookOptions, lookAtPhotographs } from './look.ts';
import type { Materials, StageOptions } from './materials.ts';
import { takePhotographs } from './photographs.ts';
import { type PhysicalResults, physicalResults, writeResults } from './results.ts';
import { makeSheets } from './sheets.ts';
import { type Photograph, simulateCaptures } from './simulate.ts';

/** What a run came to. */
export interface Measured {
  readonly results: PhysicalResults;
  /** Path of `report.html`. */
  readonly report: string;
  readonly sheets: readonly Sheet[];
}

/**
 * Does everything of a run that isn't done: examples, sheets, the captures that its recipe names (simulated ones are
 * taken, files are read; the webcam is left to people), crops, verdicts, results and report. A run that was stopped
 * anywhere goes on from there to the same result.
 * Throws as its stages do, `cancelled`; what is done by then is kept.
 */
export async function runPhysical(
  run: Run,
  materials: Materials,
  options: LookOptions = {},
): Promise<Measured> {
  return locked(run, async () => {
    await makeExamples(run, materials, options);
    const sheets = await makeSheets(run, materials, options);
    const { reader } = materials;
    const look = (photographs: readonly Photograph[], signal: AbortSignal) =>
      lookAtPhotographs(run, reader, sheets, photographs, { camera: options.camera, signal });
    await simulateCaptures(run, reader, sheets, options, look);
    const photographs = await takePhotographs(run, namedFiles(run));
    await lookAtPhotographs(run, reader, sheets, photographs, options);
    return measure(run, materials, sheets, options);
  });
}

/**
 * Takes photographs into a run whose sheets are printed, and measures it anew.
 * Throws `not-found`, `bad-file` naming the path, and as the stages do.
 */
export async function measurePhotographs(
  run: Run,
  paths: readonly string[],
  materials: Materials,
  options: LookOptions = {},
): Promise<Measured> {
  return locked(run, async () => {
    await makeExamples(run, materials, options);
    const sheets = await makeSheets(run, materials, options);
    const photographs: Photograph[] = await takePhotographs(run, paths);
    await lookAtPhotographs(run, materials.reader, sheets, photographs, options);
    return measure(run, materials, sheets, options);
  });
}

/** Results and report of what is there, made anew. */
export async function reportRun(
  run: Run,
  materials: Materials,
  options: LookOptions = {},
): Promise<Measured> {
  return locked(run, async () => {
    const sheets = await makeSheets(run, materials, options);
    return measure(run, materials, sheets, options);
  });
}

/**
 * Makes a run's images, where they aren't made, and asks every model about them. Throws as the attacks and the models
 * do, `cancelled`; what is done by then is kept.
 */
export async function runExamples(run: Run, materials: Materials, options: StageOptions = {}): Promise<void> {
  await locked(run, async () => {
    await makeExamples(run, materials, options);
    await collectOutcomes(run, materials, options);
  });
}

/** Makes a run's images and its sheets, where they aren't there. Throws as `runPhysical` does. */
export async function runSheets(run: Run, materials: Materials, options: StageOptions = {}): Promise<void> {
  await locked(run, async () => {
    await makeExamples(run, materials, options);
    await makeSheets(run, materials, options);
  });
}

async function measure(
  run: Run,
  materials: Materials,
  sheets: readonly Sheet[],
  options: LookOptions,
): Promise<Measured> {
  const outcomes = await collectOutcomes(run, materials, options);
  const results = await physicalResults(run, outcomes);
  await writeResults(run, results);
  options.onProgress?.({ stage: 'report', what: 'writing the report', done: 0, total: 1 });
  const report = await writeReport(run, results, outcomes);
  options.onProgress?.({ stage: 'report', what: 'writing the report', done: 1, total: 1 });
  return { results, report, sheets };
}

/** Photographs that the recipe names. */
function namedFiles({ record }: Run): string[] {
  return record.recipe.captures
    .flatMap((entry) => ('files' in entry ? [entry.files].flat() : []))
    .map((path) => resolve(record.recipeFolder, path));
}

async function locked<T>(run: Run, work: () => Promise<T>): Promise<T> {
  const unlock = await lockRun(run);
  try {
    return await work();
  } finally {
    await unlock();
  }
}
