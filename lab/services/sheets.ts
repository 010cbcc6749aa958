import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { SheetPlan, SheetsApi } from '../api/contract/sheets.ts';
import { sheetRequests } from '../api/contract/sheets.ts';
import { readCaptures } from '../experiments/physical/capture-record.ts';
import { madeVariants } from '../experiments/physical/examples.ts';
import { imagesToPrint, readSheets, sheetName } from '../experiments/physical/sheets.ts';
import { places, type Run, saveRecord } from '../runs/folder.ts';
import type { LabContext } from './context.ts';
import { runOf } from './runs.ts';

/** Sheets to print. */
export function createSheetsService(context: LabContext): SheetsApi {
  const { jobs } = context;
  return {
    sheetPlan: async ({ id }) => planOf(context, await runOf(context, id)),
    async setSheetSettings(request) {
      const { id, settings } = sheetRequests.setSheetSettings.parse(request);
      const run = await runOf(context, id);
      if (jobs.atWorkOn(id) !== undefined) {
        throw new HalftoneError('bad-argument', 'the run is at work; wait for it or cancel it');
      }
      if (await isPhotographed(run)) {
        const text = 'these sheets are photographed already; duplicate the run for another layout';
        throw new HalftoneError('bad-argument', text);
      }
      await rm(join(run.folder, places.sheets), { recursive: true, force: true });
      await saveRecord(run, { ...run.record, recipe: { ...run.record.recipe, sheet: settings } });
      jobs.changed(`run:${id}`);
    },
    runSheets: async ({ id }) => readSheets(await runOf(context, id)),
  };
}

async function planOf({ materials }: LabContext, run: Run): Promise<SheetPlan> {
  const { recipe, classes } = run.record;
  const plan = {
    name: sheetName(run),
    settings: recipe.sheet,
    classes,
    fixed: await isPhotographed(run),
  };
  if ((await madeVariants(run)).length < run.record.variants.length) {
    return { ...plan, cells: [], problem: 'The adversarial images are not all made yet.' };
  }
  try {
    return { ...plan, cells: await imagesToPrint(run, materials) };
  } catch (error) {
    if (error instanceof HalftoneError && error.code === 'bad-argument') {
      return { ...plan, cells: [], problem: error.message };
    }
    throw error;
  }
}

async function isPhotographed(run: Run): Promise<boolean> {
  return (await readCaptures(run)).some(({ sheet }) => sheet !== undefined);
}
