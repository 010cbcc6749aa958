import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { Job } from '../api/contract/jobs.ts';
import type { RunDetail, RunListed, RunOutcomes, RunsApi } from '../api/contract/runs.ts';
import { runRequests } from '../api/contract/runs.ts';
import { makeFolder } from '../data/folders.ts';
import { fileError } from '../data/schema.ts';
import { readCaptures, usableCrops } from '../experiments/physical/capture-record.ts';
import { collectOutcomes } from '../experiments/physical/collect.ts';
import { madeVariants, readExamples, readSources } from '../experiments/physical/examples.ts';
import { headline } from '../experiments/physical/headline.ts';
import { prepareRun } from '../experiments/physical/prepare.ts';
import { physicalResults } from '../experiments/physical/results.ts';
import { runExamples, runPhysical, runSheets } from '../experiments/physical/run.ts';
import { openDefenses, runModels } from '../experiments/physical/run-models.ts';
import { readSheets } from '../experiments/physical/sheets.ts';
import { parseRecipeText } from '../experiments/recipe/read.ts';
import { listRuns, openRun, places, type Run, type RunSummary, saveRecord } from '../runs/folder.ts';
import { readVersion } from '../version.ts';
import type { LabContext } from './context.ts';
import type { JobOptions } from './jobs.ts';

/** The folder of a lab's runs. */
export function runsFolder(dataDir: string): string {
  return join(dataDir, 'runs');
}

/** A run of the lab by its id. Throws `not-found`, `bad-file`. */
export async function runOf({ dataDir }: Pick<LabContext, 'dataDir'>, id: string): Promise<Run> {
  const folder = join(runsFolder(dataDir), id);
  if ((await stat(folder).catch(() => undefined)) === undefined) {
    const text = `the lab has no run '${id}': it was deleted, or is another lab's; 'Deleted' on the page of runs can bring it back`;
    throw new HalftoneError('not-found', text);
  }
  return openRun(folder);
}

/** Physical experiments, each a folder. */
export function createRunsService(context: LabContext): RunsApi {
  const { dataDir, root, materials, jobs } = context;
  return {
    listRuns: async () => (await listRuns(runsFolder(dataDir))).map(listed),
    async createRun(request) {
      const { recipe, recipeFolder = dataDir } = runRequests.createRun.parse(request);
      await makeFolder(runsFolder(dataDir));
      const halftone = await readVersion(root);
      // On the bench a run may stay on files; one that names its captures goes to paper at once.
      const layoutLater = recipe.captures.length === 0;
      const folder = resolve(recipeFolder);
      const prepared = { recipe, folder, root: runsFolder(dataDir), halftone, layoutLater };
      const run = await prepareRun(prepared, materials);
      jobs.changed('runs');
      return detailOf(run);
    },
    readRecipe: async ({ text }) => parseRecipeText(text, 'the recipe'),
    openRun: async ({ id }) => detailOf(await runOf(context, id)),
    startRun: async ({ id, until }) => startRun(context, await runOf(context, id), until),
    async renameRun({ id, title }) {
      const run = await runOf(context, id);
      await saveRecord(run, { ...run.record, title });
      jobs.changed('runs', `run:${id}`);
    },
    async noteRun({ id, notes }) {
      const run = await runOf(context, id);
      await saveRecord(run, { ...run.record, notes: notes.trim() });
      jobs.changed(`run:${id}`);
    },
    runOutcomes: async ({ id }) => outcomesOf(context, await runOf(context, id)),
    runFile: async ({ id, path }) => readRunFile(await runOf(context, id), path),
    async classifyRunFile(request) {
      const { id, path, top, model } = runRequests.classifyRunFile.parse(request);
      const run = await runOf(context, id);
      const image = await readRunFile(run, path);
      const { classifyImage } = await import('../classify.ts');
      const asked = runModels(run.record).find(({ name, source }) =>
        model === undefined ? source : name === model,
      );
      if (asked === undefined) throw new HalftoneError('not-found', `the run has no model '${model}'`);
      const defend = await openDefenses(run.record, asked, materials);
      const answer = await materials.useModel(asked.bare, (classifier) =>
        classifyImage(defend(classifier, [path]), { image, name: path, top }),
      );
      return { model: asked.name, ...answer };
    },
  };
}

/** A run as the contract lists it. */
export function listed({
  folder,
  title,
  created,
  model,
  variants,
  measured,
  problem,
}: RunSummary): RunListed {
  const plain = { id: basename(folder), title, created, model, attacks: variants, measured };
  return problem === undefined ? plain : { ...plain, problem };
}

const works = { examples: runExamples, sheets: runSheets, report: runPhysical } as const;

function startRun(context: LabContext, run: Run, until: keyof typeof works): Job {
  return beginRunJob(context, run, async (options) => {
    await works[until](run, context.materials, options);
  });
}

/** Begins work on a run as a job. Throws `bad-argument` where one works on it already. */
export function beginRunJob(
  { jobs }: LabContext,
  { folder, record }: Run,
  work: (options: JobOptions) => Promise<void>,
): Job {
  const id = basename(folder);
  return jobs.start({
    kind: 'run',
    subject: id,
    title: record.title,
    topics: ['runs', `run:${id}`],
    work,
  });
}

async function detailOf(run: Run): Promise<RunDetail> {
  const { folder, record } = run;
  const sources = await readSources(run);
  const examples = await Promise.all(record.variants.map(({ key }) => readExamples(run, key)));
  const variants = record.variants.map(({ key, title, attack, epsilon }, i) => {
    const { done, spent, broken, seconds } = examples[i]!;
    const { queries, gradients } = spent;
    const strength = epsilon === undefined ? {} : { epsilon };
    return { key, title, attack, ...strength, done, queries, gradients, broken, seconds };
  });
  const captures = await readCaptures(run);
  const used = captures.filter((capture) => usableCrops(capture).length > 0).length;
  const wanted = sources?.images.length;
  return {
    id: basename(folder),
    folder,
    record,
    models: runModels(record).map(({ name, chain }) => ({
      name,
      ...(chain === undefined ? {} : { defense: chain.title }),
    })),
    ...(sources === undefined ? {} : { sources: sources.images }),
    variants,
    examplesDone: wanted !== undefined && variants.every(({ done }) => done === wanted),
    sheets: (await readSheets(run)).length,
    captures: { taken: captures.length, used },
    // Results are written without photographs too: of the files alone.
    measured: used > 0 && (await stat(join(folder, places.results)).catch(() => undefined)) !== undefined,
  };
}

/** What a run says so far; attacks whose images aren't all made are left out. */
export async function outcomesOf({ materials }: LabContext, run: Run): Promise<RunOutcomes | null> {
  const made = await madeVariants(run);
  if (made.length === 0) return null;
  const record = { ...run.record, variants: run.record.variants.filter(({ key }) => made.includes(key)) };
  const part: Run = { ...run, record };
  const models = await collectOutcomes(part, materials);
  const results = await physicalResults(part, models);
  return { variants: made, results, headline: headline(part, results), models };
}

/** A file within a run's folder. Throws `bad-argument` for a path that leads out of it, `not-found`. */
export async function readRunFile(run: Run, path: string): Promise<Uint8Array> {
  const full = await runPath(run, path);
  return readFile(full).catch((cause: unknown) => {
    throw fileError(full, cause);
  });
}

/** Where a file of a run lies: links are followed, and may not lead out either. */
export async function runPath({ folder }: Run, path: string): Promise<string> {
  const home = await realpath(folder);
  const wanted = resolve(home, path);
  const real = await realpath(wanted).catch((cause: unknown) => {
    throw wanted.startsWith(home + sep) ? fileError(path, cause) : outside(path);
  });
  if (!real.startsWith(home + sep)) throw outside(path);
  return real;
}

function outside(path: string): HalftoneError {
  return new HalftoneError('bad-argument', `'${path}' is not within the run's folder`);
}
