import { lstat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { RunAdminApi, RunFacts, RunStage } from '../api/contract/run-admin.ts';
import { madeVariants, readSources } from '../experiments/physical/examples.ts';
import { reportRun } from '../experiments/physical/run.ts';
import { type ComparedRun, compareRuns } from '../experiments/physical/two-runs.ts';
import { viewRows } from '../experiments/physical/views.ts';
import type { ExperimentRecipe } from '../experiments/recipe/schema.ts';
import { filesOf } from '../runs/archive/zip.ts';
import { places, type Run } from '../runs/folder.ts';
import type { RunRecord } from '../runs/record.ts';
import type { LabContext } from './context.ts';
import { createRunArchiveService } from './run-archive.ts';
import { outcomesOf, runOf } from './runs.ts';

/** Runs as a shelf of them. */
export function createRunAdminService(context: LabContext): RunAdminApi {
  const { materials, jobs } = context;
  return {
    ...createRunArchiveService(context),
    async runFacts({ ids }) {
      const facts: RunFacts[] = [];
      // One after the other: each looks at thousands of files.
      for (const id of ids) {
        const found = await runOf(context, id).then(factsOf).catch(unreadable);
        if (found !== undefined) facts.push(found);
      }
      return facts;
    },
    async compareRuns({ first, second }) {
      const [one, two] = [await runOf(context, first), await runOf(context, second)];
      return compareRuns(await comparedOf(context, one), await comparedOf(context, two));
    },
    async runViews({ id, model }) {
      const outcomes = await outcomesOf(context, await runOf(context, id));
      const found = outcomes?.models.find((each) => each.model === model);
      if (outcomes === null) return null;
      if (found === undefined) throw new HalftoneError('not-found', `the run has no model '${model}'`);
      return { angle: viewRows(found, 'angle'), dpi: viewRows(found, 'dpi') };
    },
    async duplicateRun({ id }) {
      const { record } = await runOf(context, id);
      return { title: `copy of ${record.title}`.slice(0, 200), recipe: selfStanding(record) };
    },
    async reportRun({ id }) {
      const run = await runOf(context, id);
      if (jobs.atWorkOn(id) !== undefined) {
        throw new HalftoneError('bad-argument', 'the run is at work; wait for it or cancel it first');
      }
      await reportRun(run, materials);
      jobs.changed('runs', `run:${id}`);
    },
  };
}

/** A run's recipe whose paths to data need no folder that they are relative to. */
function selfStanding({ recipe, recipeFolder }: RunRecord): ExperimentRecipe {
  const { data, captures } = recipe;
  const whole = (path: string) => resolve(recipeFolder, path);
  const images = () => {
    if ('set' in data) return data;
    const classes = data.classes === undefined ? {} : { classes: whole(data.classes) };
    return { ...data, folder: whole(data.folder), ...classes };
  };
  return {
    ...recipe,
    data: images(),
    captures: captures.map((entry) =>
      'files' in entry ? { files: [entry.files].flat().map(whole) } : entry,
    ),
  };
}

/** A run that is gone or damaged has no facts; those of the others are told all the same. */
function unreadable(cause: unknown): undefined {
  if (!(cause instanceof HalftoneError)) throw cause;
}

async function factsOf(run: Run): Promise<RunFacts> {
  const { folder } = run;
  const files = await filesOf(folder);
  const sizes = await Promise.all(
    files.map(async (file) => (await lstat(join(folder, file)).catch(() => undefined))?.size ?? 0),
  );
  return {
    id: basename(folder),
    data: await dataWords(run),
    stage: await stageOf(run, files),
    size: sizes.reduce((sum, size) => sum + size, 0),
  };
}

async function dataWords(run: Run): Promise<string> {
  const { data } = run.record.recipe;
  const name = 'set' in data ? data.set : data.folder.split(/[/\\]/).filter(Boolean).at(-1);
  const count = (await readSources(run))?.images.length ?? data.count;
  return count === undefined ? String(name) : `${name}, ${count}`;
}

/** By what is there: each stage writes its own files last. */
async function stageOf(run: Run, files: readonly string[]): Promise<RunStage> {
  if (files.some((file) => /^captures\/[^/]+\.json$/.test(file))) {
    return files.includes(places.results) ? 'measured' : 'captures';
  }
  if (files.includes(`${places.sheets}/sheet-1.json`)) return 'sheets';
  return (await madeVariants(run)).length === run.record.variants.length ? 'examples' : 'new';
}

async function comparedOf(context: LabContext, run: Run): Promise<ComparedRun> {
  const outcomes = await outcomesOf(context, run);
  if (outcomes === null) {
    throw new HalftoneError(
      'bad-argument',
      `'${run.record.title}' has no images of any attack yet: run it first`,
    );
  }
  const { data } = run.record.recipe;
  const origin = 'set' in data ? `${data.set} ${data.split}` : data.folder;
  const sources = (await readSources(run))?.images ?? [];
  return {
    variants: run.record.variants,
    outcomes: outcomes.models,
    images: sources.map(({ name, label }) => `${origin}\n${name}\n${label}`),
  };
}
