import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError, seeded, throwIfCancelled } from '@halftone/sdk';
import { makeFolder } from '../../data/folders.ts';
import { places, type Run } from '../../runs/folder.ts';
import { cameras, printers } from '../../vision/channel/presets.ts';
import type { CameraSettings, Printer } from '../../vision/channel/settings.ts';
import { printToShoot } from '../../vision/channel/shoot.ts';
import { careful } from '../../vision/channel/views.ts';
import { writePicture } from '../../vision/node/pictures.ts';
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

/**
 * Prints and photographs a run's sheets in simulation, `views` times each, from angles and in light that the seed
 * draws. Photographs that are there stay. Throws `not-found` for a preset that there isn't, `cancelled`.
 */
export async function simulateCaptures(
  run: Run,
  sheets: readonly Sheet[],
  options: StageOptions = {},
): Promise<Photograph[]> {
  const { recipe } = run.record;
  const simulations = simulationsOf(recipe);
  await makeFolder(join(run.folder, places.captures));
  const taken: Photograph[] = [];
  const total = sheets.length * simulations.reduce((sum, { views }) => sum + views, 0);
  const progress = () =>
    options.onProgress?.({ stage: 'captures', what: 'simulated photographs', done: taken.length, total });
  for (const [i, simulation] of simulations.entries()) {
    const setup = setupOf(simulation);
    for (const sheet of sheets) {
      const views = Array.from({ length: simulation.views }, (_, view) =>
        photographOf(simulation, i, sheet, view),
      );
      const missing = await missingOf(run, views);
      // Printing takes longer than a photograph: not for nothing.
      const shoot = missing.length > 0 ? await printed(run, sheet, setup) : undefined;
      for (const view of views) {
        throwIfCancelled(options.signal);
        if (missing.includes(view)) {
          const random = seeded(recipe.seed).derive('capture').derive(view.name);
          await writePicture(join(run.folder, view.file), shoot!(random).frame);
        }
        taken.push(view);
        progress();
      }
    }
  }
  return taken;
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

/** A sheet in print; each call photographs it once. */
async function printed(run: Run, sheet: Sheet, setup: Setup) {
  const random = seeded(run.record.recipe.seed).derive('print').derive(sheet.sheet);
  const studio = { ...setup, ranges: careful };
  return printToShoot(sheet, await sheetPictures(run, sheet), studio, random);
}
