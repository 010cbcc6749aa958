import { type Command, Option } from 'commander';
import { headline } from '../../lab/experiments/physical/headline.ts';
import { prepareRun } from '../../lab/experiments/physical/prepare.ts';
import {
  type Measured,
  measurePhotographs,
  reportRun,
  runPhysical,
} from '../../lab/experiments/physical/run.ts';
import { sayPlace } from '../../lab/experiments/recipe/places.ts';
import { readRecipeFile } from '../../lab/experiments/recipe/read.ts';
import { listRuns, openRun, type Run } from '../../lab/runs/folder.ts';
import { type EngineOptions, jsonOption, providerOption, threadsOption } from '../options.ts';
import { printJson, printLines, table } from '../output.ts';
import { readCamera, runsFolder, showStages, withMaterials } from '../physical.ts';
import { protocolLines } from '../physical-report.ts';
import { halftoneVersion } from '../version.ts';

interface Options extends EngineOptions {
  readonly json?: true;
  readonly calibration?: string;
}

interface RunOptions extends Options {
  readonly out: string;
  readonly resume?: true;
}

const runHelp = `
A run is a folder: examples, sheets to print, photographs, crops, results.csv, results.json and report.html. Whatever
stops it, --resume goes on from there to the same result. docs/recipes.md explains recipes.

Examples:
  halftone run signs.yaml --out runs
  halftone run runs/20261123-120000-signs --resume
  halftone measure runs/20261123-120000-signs photographs/
  halftone report runs/20261123-120000-signs`;

/** `halftone run`, `measure`, `report`, `runs`: physical experiments. */
export function addRun(program: Command, signal: AbortSignal): void {
  const engine = (command: Command) =>
    command
      .addOption(providerOption())
      .addOption(threadsOption())
      .option('--calibration <file>', 'the camera’s lens, as halftone calibrate wrote it')
      .addOption(jsonOption());
  engine(program.command('run'))
    .summary('do a physical experiment')
    .description('Makes examples and sheets, takes or reads photographs, and measures what survives.')
    .argument('<recipe>', 'YAML or JSON file; with --resume the folder of a run')
    .addOption(
      new Option('--out <folder>', 'where the run’s folder is made').default(runsFolder(), 'the lab’s own'),
    )
    .option('--resume', 'go on with a run that was stopped')
    .addHelpText('after', runHelp)
    .action((path: string, options: RunOptions) => doRun(path, options, signal));
  engine(program.command('measure'))
    .summary('take photographs of a run’s sheets into it')
    .description(
      'Finds the run’s sheets in photographs, cuts out the images, classifies them, measures anew.',
    )
    .argument('<run>', 'folder of the run')
    .argument('<photo...>', 'photographs, or folders of them')
    .action((folder: string, photos: string[], options: Options) =>
      doMeasure(folder, photos, options, signal),
    );
  engine(program.command('report'))
    .description('Makes results and report of a run anew.')
    .argument('<run>', 'folder of the run')
    .action((folder: string, options: Options) => doReport(folder, options, signal));
  program
    .command('runs')
    .description('List the runs.')
    .addOption(new Option('--out <folder>', 'where the runs lie').default(runsFolder(), 'the lab’s own'))
    .addOption(jsonOption())
    .action(list);
}

async function doRun(path: string, options: RunOptions, signal: AbortSignal): Promise<void> {
  if (options.resume) {
    const run = await openRun(path);
    return withMaterials(run.record.recipeFolder, options, (materials) =>
      perform(run, options, (shown) => runPhysical(run, materials, { ...shown, signal })),
    );
  }
  const file = await readRecipeFile(path);
  await withMaterials(file.folder, options, async (materials) => {
    const prepared = { ...file, root: options.out, halftone: await halftoneVersion() };
    const run = await prepareRun(prepared, materials).catch((error: unknown) => {
      throw sayPlace(error, path);
    });
    if (!options.json) process.stderr.write(`run ${run.folder}\n`);
    await perform(run, options, (shown) => runPhysical(run, materials, { ...shown, signal }));
  });
}

async function doMeasure(
  folder: string,
  photos: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const run = await openRun(folder);
  await withMaterials(run.record.recipeFolder, options, (materials) =>
    perform(run, options, (shown) => measurePhotographs(run, photos, materials, { ...shown, signal })),
  );
}

async function doReport(folder: string, options: Options, signal: AbortSignal): Promise<void> {
  const run = await openRun(folder);
  await withMaterials(run.record.recipeFolder, options, (materials) =>
    perform(run, options, (shown) => reportRun(run, materials, { ...shown, signal })),
  );
}

type Shown = Awaited<ReturnType<typeof readCamera>> & Pick<ReturnType<typeof showStages>, 'onProgress'>;

/** Does the work with progress shown, and prints what came of it. */
async function perform(run: Run, options: Options, work: (shown: Shown) => Promise<Measured>): Promise<void> {
  const camera = await readCamera(options.calibration);
  const stages = showStages();
  let measured: Measured;
  try {
    measured = await work({ ...camera, onProgress: stages.onProgress });
  } finally {
    stages.end();
  }
  const { results, report, sheets } = measured;
  if (options.json) return printJson({ folder: run.folder, report, sheets: sheets.length, ...results });
  printLines(
    ...protocolLines(run, results),
    '',
    ...headline(run, results),
    ...results.warnings.map((line) => `warning: ${line}`),
    '',
    `${sheets.length} sheets in ${run.folder}/sheets/sheets.pdf`,
    `report: ${report}`,
  );
}

async function list({ out, json }: { out: string; json?: true }): Promise<void> {
  const runs = await listRuns(out);
  if (json) return printJson(runs);
  if (runs.length === 0) return printLines(`no runs in ${out}; begin one with halftone run RECIPE`);
  const rows = runs.map(({ name, model, variants, measured, problem }) => [
    name,
    model,
    `${variants.length}`,
    problem ?? (measured ? 'measured' : 'not measured'),
  ]);
  printLines(...table([['run', 'model', 'attacks', 'state'], ...rows]));
}
