import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError, throwIfCancelled } from '@halftone/sdk';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { parseWith, readJson } from '../../data/schema.ts';
import { imagePath, json, places, type Run } from '../../runs/folder.ts';
import { sheetsPdf } from '../../vision/node/pdf.ts';
import { readPicture } from '../../vision/node/pictures.ts';
import type { Raster } from '../../vision/raster.ts';
import { type CellImage, type Sheet, sheetSchema } from '../../vision/sheet/geometry.ts';
import { layOut } from '../../vision/sheet/layout.ts';
import type { ExperimentRecipe } from '../recipe/schema.ts';
import { readSources } from './examples.ts';
import type { Materials, StageOptions } from './materials.ts';
import { type Selection, selectImages } from './selection.ts';

/** The PDF of all sheets, relative to the run's folder. */
export const sheetsFile = `${places.sheets}/sheets.pdf`;

/**
 * Lays a run's images on sheets: `sheets/sheets.pdf` and a `sheet-N.json` each. Sheets that are there stay as they
 * are: they may have been printed. All images must be made.
 * Throws `bad-argument` where nothing is left to print or it doesn't fit, `cancelled`.
 */
export async function makeSheets(
  run: Run,
  materials: Materials,
  options: StageOptions = {},
): Promise<Sheet[]> {
  const there = await readSheets(run);
  if (there.length > 0) return there;
  const cells = await imagesToPrint(run, materials, options);
  const sheets = layOut(cells, sheetName(run), run.record.recipe.sheet);
  await makeFolder(join(run.folder, places.sheets));
  const pictures: Raster[][] = [];
  for (const [i, sheet] of sheets.entries()) {
    throwIfCancelled(options.signal);
    pictures.push(await sheetPictures(run, sheet));
    options.onProgress?.({ stage: 'sheets', what: 'laying out', done: i + 1, total: sheets.length });
  }
  await writeAtomic(join(run.folder, sheetsFile), await sheetsPdf(sheets, pictures));
  // The last one first: sheets are there when the first one is, and then all of them are.
  for (const sheet of [...sheets].reverse()) {
    await writeAtomic(join(run.folder, places.sheets, `sheet-${sheet.sheet}.json`), json(sheet));
  }
  return sheets;
}

/**
 * The images of a run that go to paper, in the order that they are laid out in. All images must be made.
 * Throws `bad-argument` where nothing is left to print, `cancelled`.
 */
export async function imagesToPrint(
  run: Run,
  materials: Materials,
  options: StageOptions = {},
): Promise<CellImage[]> {
  return cellImages(run, await selectImages(run, materials, options));
}

/** What a run is called on paper: at most 64 characters, and its own. */
export function sheetName({ record }: Run): string {
  return `${record.recipe.name.slice(0, 40)}-${record.id}`;
}

/** Every image that goes to paper: for each source the clean one and then the attacks', in the run's order. */
async function cellImages(run: Run, selection: Selection): Promise<CellImage[]> {
  const { input, variants } = run.record;
  const sources = (await readSources(run))?.images ?? [];
  const cells = sources.flatMap(({ label }, source) => {
    const printed = variants.filter(({ key }) => selection.get(key)?.includes(source));
    if (printed.length === 0) return [];
    return ['clean', ...printed.map(({ key }) => key)].map((variant) => ({
      file: imagePath(variant, source),
      width: input.width,
      height: input.height,
      source,
      label,
      variant,
    }));
  });
  if (cells.length > 0) return cells;
  const text = 'no image passes the selection, so there is nothing to print; lower `prefiltered`, or raise ε';
  throw new HalftoneError('bad-argument', text);
}

/**
 * Lays as many images out as a recipe will make, before any is made. What passes a prefilter isn't known then: one
 * image of it must fit. Throws `bad-argument` where they don't fit on paper or need too many sheets.
 */
export function checkLayout(
  { selection, sheet, name }: ExperimentRecipe,
  variants: readonly { readonly key: string }[],
  count: number,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const sources = Array.from({ length: selection === 'average' ? count : 1 }, (_, i) => i);
  const cells = sources.flatMap((source) =>
    ['clean', ...variants.map(({ key }) => key)].map((variant) => ({
      file: imagePath(variant, source),
      width,
      height,
      source,
      label: 0,
      variant,
    })),
  );
  layOut(cells, name, sheet);
}

/** The pictures of a sheet's cells, in their order. Throws `not-found`, `bad-image`. */
export function sheetPictures(run: Run, sheet: Sheet): Promise<Raster[]> {
  return Promise.all(sheet.cells.map(({ image }) => readPicture(join(run.folder, image.file))));
}

/** The sheets of a run by number; none where they aren't made. Throws `bad-file`. */
export async function readSheets({ folder }: Run): Promise<Sheet[]> {
  const names = await readdir(join(folder, places.sheets)).catch((): string[] => []);
  if (!names.includes('sheet-1.json')) return [];
  const files = names.filter((name) => /^sheet-\d+\.json$/.test(name));
  const sheets = await Promise.all(
    files.map(async (name) => {
      const path = join(folder, places.sheets, name);
      return parseWith(sheetSchema, await readJson(path), path);
    }),
  );
  return sheets.sort((a, b) => a.sheet - b.sheet);
}
