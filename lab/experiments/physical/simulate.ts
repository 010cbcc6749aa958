import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { places, type Run } from '../../runs/folder.ts';
import { inLanes } from '../../threads/lanes.ts';
import { cameras, printers } from '../../vision/channel/presets.ts';
import type { CameraSettings, Printer } from '../../vision/channel/settings.ts';
import { careful } from '../../vision/channel/views.ts';
import type { PhotographReader } from '../../vision/node/reader.ts';
import type { Sheet } from '../../vision/sheet/geometry.ts';
import type { CaptureEntry, ExperimentRecipe } from '../recipe/schema.ts';
import { SIMULATED } from './capture-record.ts';
import type { StageOptions } from './materials.ts';
import { sheetPictures } from './sheets.ts';

/** A photograph in a run's folder that is to be looked at. */
export interface Photograph {
  /** Unique in the run. */
  readonly name: string;
  /** Relative to the run's folder. */
  readonly file: string;
  readonly origin: string;
}

type Simulation = Extract<CaptureEntry, { simulate: unknown }>['simulate'];

/** Views that are taken of one print before others are made known: few, for they are in memory until then. */
const perPrint = 4;

/**
 * Prints and photographs a run's sheets in simulation, `views` times each, from angles and in light that the seed
 * draws. Photographs that are there stay. `look` is called for those of a print as soon as they are taken, so that what
 * comes of them is seen while others are on their way. Throws `not-found` for a preset that there isn't, `cancelled`,
 * `internal` where a thread died, and as `look` does.
 */
export async function simulateCaptures(
  run: Run,
  reader: PhotographReader,
  sheets: readonly Sheet[],
  { signal, onProgress }: StageOptions = {},
  look?: (photographs: readonly Photograph[], signal: AbortSignal) => Promise<unknown>,
): Promise<Photograph[]> {
  await makeFolder(join(run.folder, places.captures));
  const shoots = simulationsOf(run.record.recipe).flatMap((simulation, i) =>
    sheets.flatMap((sheet) => shootsOf(simulation, i, sheet)),
  );
  const total = shoots.reduce((sum, { views }) => sum + views.length, 0);
  let done = 0;
  const work = async (shoot: Shoot, over: AbortSignal) => {
    await takeViews(run, reader, shoot, over);
    await look?.(shoot.views, over);
    done += shoot.views.length;
    onProgress?.({ stage: 'captures', what: 'simulated photographs', done, total });
  };
  await inLanes(shoots, reader.threads, work, signal);
  return shoots.flatMap(({ views }) => views);
}

/** Some views of one print of a sheet. */
interface Shoot {
  readonly sheet: Sheet;
  readonly setup: Setup;
  readonly views: readonly Photograph[];
}

function shootsOf(simulation: Simulation, entry: number, sheet: Sheet): Shoot[] {
  const setup = setupOf(simulation);
  const views = Array.from({ length: simulation.views }, (_, view) =>
    photographOf(simulation, entry, sheet, view),
  );
  const starts = Array.from({ length: Math.ceil(views.length / perPrint) }, (_, i) => i * perPrint);
  return starts.map((start) => ({ sheet, setup, views: views.slice(start, start + perPrint) }));
}

/** Takes those that aren't there. */
async function takeViews(
  run: Run,
  reader: PhotographReader,
  { sheet, setup, views }: Shoot,
  signal: AbortSignal,
): Promise<void> {
  const missing = await missingOf(run, views);
  // Printing takes longer than a photograph: not for nothing.
  if (missing.length === 0) return;
  const pictures = await sheetPictures(run, sheet);
  const { seed } = run.record.recipe;
  const names = missing.map(({ name }) => name);
  const taken = await reader.shoot({ sheet, pictures, ...setup, ranges: careful, seed, names }, signal);
  for (const [i, { file }] of missing.entries()) await writeAtomic(join(run.folder, file), taken[i]!);
}

/** The simulated captures of a recipe. */
export function simulationsOf({ captures }: Pick<ExperimentRecipe, 'captures'>): Simulation[] {
  return captures.flatMap((entry) => ('simulate' in entry ? [entry.simulate] : []));
}

interface Setup {
  readonly printer: Printer;
  readonly camera: CameraSettings;
}

/** The presets that a simulation names. Throws `not-found`, with the names there are. */
export function setupOf(simulation: Simulation): Setup {
  const pick = <T>(presets: Readonly<Record<string, T>>, name: string, what: string): T => {
    if (Object.hasOwn(presets, name)) return presets[name]!;
    const names = Object.keys(presets).join(', ');
    throw new HalftoneError('not-found', `there is no ${what} '${name}'; there are ${names}`);
  };
  return {
    printer: pick<Printer>(printers, simulation.printer, 'printer'),
    camera: pick<CameraSettings>(cameras, simulation.camera, 'camera'),
  };
}

function photographOf(simulation: Simulation, entry: number, { sheet }: Sheet, view: number): Photograph {
  const { printer, camera } = simulation;
  const name = `sim${entry + 1}-${camera}-sheet${sheet}-view${view + 1}`;
  const origin = `${SIMULATED}${printer}, ${camera}`;
  return { name, file: `${places.captures}/${name}.png`, origin };
}

async function missingOf(run: Run, views: readonly Photograph[]): Promise<Photograph[]> {
  const there = await Promise.all(
    views.map(({ file }) =>
      access(join(run.folder, file)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return views.filter((_, i) => !there[i]);
}
