import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { CapturesApi } from '../api/contract/captures.ts';
import { captureRequests } from '../api/contract/captures.ts';
import { writeAtomic } from '../data/atomic.ts';
import { makeFolder } from '../data/folders.ts';
import { fileError } from '../data/schema.ts';
import {
  type CaptureRecord,
  captureRecordPath,
  readCapture,
  readCaptures,
} from '../experiments/physical/capture-record.ts';
import { lookAtPhotographs } from '../experiments/physical/look.ts';
import { keepPhotograph } from '../experiments/physical/photographs.ts';
import { runPhysical } from '../experiments/physical/run.ts';
import { readSheets } from '../experiments/physical/sheets.ts';
import { setupOf } from '../experiments/physical/simulate.ts';
import { json, places, type Run, saveRecord } from '../runs/folder.ts';
import { previewOf } from '../vision/node/pictures.ts';
import { createCamerasService, readCamera } from './cameras.ts';
import type { LabContext } from './context.ts';
import { beginRunJob, runOf } from './runs.ts';

/** Where photographs lie that a person took out of a run. */
const REMOVED = 'removed';

/** Photographs of sheets. */
export function createCapturesService(context: LabContext): CapturesApi {
  const { materials, jobs } = context;
  return {
    ...createCamerasService(context),
    ...createDecisions(context),
    listCaptures: async ({ id }) => readCaptures(await runOf(context, id)),
    async addCapture({ id, name, bytes, origin, camera }) {
      const run = await runOf(context, id);
      const sheets = await readSheets(run);
      if (sheets.length === 0) {
        throw new HalftoneError('bad-argument', 'the run has no sheets yet: lay them out on the Print page');
      }
      const lens = camera === undefined ? undefined : await readCamera(context, camera);
      await makeFolder(join(run.folder, places.captures));
      const photograph = await keepPhotograph(run, name, bytes, origin);
      const { reader } = materials;
      const [record] = await lookAtPhotographs(run, reader, sheets, [photograph], { camera: lens });
      jobs.changed(`run:${id}`);
      return record!;
    },
    async capturePreview({ id, name, width }) {
      const run = await runOf(context, id);
      const { file } = await captureOf(run, name);
      return previewOf(join(run.folder, file), width);
    },
    async removeCapture({ id, name }) {
      const run = await runOf(context, id);
      await moveCapture(run, await captureOf(run, name), 'away');
      jobs.changed(`run:${id}`);
    },
    async restoreCapture({ id, name }) {
      const run = await runOf(context, id);
      const path = join(run.folder, places.captures, REMOVED, `${name}.json`);
      await moveCapture(run, await recordAt(path, name), 'back');
      jobs.changed(`run:${id}`);
    },
    async simulateRun(request) {
      const { id, ...simulate } = captureRequests.simulateRun.parse(request);
      setupOf(simulate);
      const run = await runOf(context, id);
      return beginRunJob(context, run, async (options) => {
        const { recipe } = run.record;
        const captures = [...recipe.captures, { simulate }];
        const known = recipe.captures.some((entry) => json(entry) === json({ simulate }));
        const record = known ? run.record : { ...run.record, recipe: { ...recipe, captures } };
        await runPhysical(await saveRecord(run, record), materials, options);
      });
    },
  };
}

/** What people decide of photographs and crops, against their grades. */
function createDecisions(context: LabContext): Pick<CapturesApi, 'decideCapture' | 'decideCrop'> {
  const change = async (id: string, name: string, decide: (record: CaptureRecord) => CaptureRecord) => {
    const run = await runOf(context, id);
    const record = decide(await captureOf(run, name));
    await writeAtomic(captureRecordPath(run, name), json(record));
    context.jobs.changed(`run:${id}`);
    return record;
  };
  return {
    decideCapture: ({ id, name, decision }) =>
      change(id, name, ({ decision: _, ...record }) =>
        decision === null ? record : { ...record, decision },
      ),
    decideCrop: ({ id, name, file, decision }) =>
      change(id, name, (record) => {
        if (!record.crops.some((crop) => crop.file === file)) {
          throw new HalftoneError('not-found', `photograph '${name}' has no crop '${file}'`);
        }
        const crops = record.crops.map((crop) => {
          if (crop.file !== file) return crop;
          const { decision: _, ...rest } = crop;
          return decision === null ? rest : { ...rest, decision };
        });
        return { ...record, crops };
      }),
  };
}

function captureOf(run: Run, name: string): Promise<CaptureRecord> {
  return recordAt(captureRecordPath(run, name), name);
}

async function recordAt(path: string, name: string): Promise<CaptureRecord> {
  const record = await readCapture(path);
  if (record === undefined) throw new HalftoneError('not-found', `the run has no photograph '${name}'`);
  return record;
}

/** The record moves last on the way out and on the way back: a photograph without one is no capture yet. */
async function moveCapture(run: Run, { name, file }: CaptureRecord, where: 'away' | 'back'): Promise<void> {
  const here = join(run.folder, places.captures);
  const aside = join(here, REMOVED);
  await makeFolder(aside);
  const [from, to] = where === 'away' ? [here, aside] : [aside, here];
  const names = [`${name}.json`, basename(file)];
  for (const moved of where === 'away' ? names : names.reverse()) {
    await rename(join(from, moved), join(to, moved)).catch((cause: unknown) => {
      throw fileError(join(from, moved), cause, 'write');
    });
  }
}
