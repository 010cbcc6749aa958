import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { exportPartBytes, type RunAdminApi, type TrashedRun } from '../api/contract/run-admin.ts';
import { makeFolder } from '../data/folders.ts';
import { refuseTaken } from '../data/lock.ts';
import { checkPath } from '../data/paths.ts';
import { fileError } from '../data/schema.ts';
import { readCaptures } from '../experiments/physical/capture-record.ts';
import { readSheets } from '../experiments/physical/sheets.ts';
import { adoptVerdicts } from '../experiments/physical/verdicts.ts';
import { archiveLimits } from '../runs/archive/limits.ts';
import { unzipRun } from '../runs/archive/unzip.ts';
import { zipRun } from '../runs/archive/zip.ts';
import { folderName, freeName, listRuns, openRun, summarise } from '../runs/folder.ts';
import type { LabContext } from './context.ts';
import { listed, runsFolder } from './runs.ts';

type RunArchiveApi = Pick<
  RunAdminApi,
  'deleteRun' | 'listTrash' | 'restoreRun' | 'emptyTrash' | 'zipRun' | 'exportPart' | 'openZip'
>;

/** How long a packed run lies ready. */
const exportLifeMs = 60 * 60_000;

function trashFolder({ dataDir }: Pick<LabContext, 'dataDir'>): string {
  return join(dataDir, 'trash', 'runs');
}

function exportsFolder({ dataDir }: Pick<LabContext, 'dataDir'>): string {
  return join(dataDir, 'exports');
}

/** Ways in and out of the shelf of runs. */
export function createRunArchiveService(context: LabContext): RunArchiveApi {
  const { dataDir, jobs } = context;
  return {
    async deleteRun({ id }) {
      const folder = await folderOf(runsFolder(dataDir), id, 'the lab has no run');
      await refuseAtWork(context, id, folder);
      const place = await move(folder, trashFolder(context), id);
      jobs.changed('runs', `run:${id}`);
      return { id: basename(place) };
    },
    listTrash: () => listTrash(trashFolder(context)),
    async restoreRun({ id }) {
      const folder = await folderOf(trashFolder(context), id, 'the trash has no run');
      const place = await move(folder, runsFolder(dataDir), id);
      jobs.changed('runs', `run:${basename(place)}`);
      return { id: basename(place) };
    },
    async emptyTrash() {
      const folder = trashFolder(context);
      await rm(folder, { recursive: true, force: true }).catch((cause: unknown) => {
        throw fileError(folder, cause, 'write');
      });
      jobs.changed('runs');
    },
    async zipRun({ id }) {
      const folder = await folderOf(runsFolder(dataDir), id, 'the lab has no run');
      await removeOld(exportsFolder(context));
      const name = `${id}.zip`;
      const size = await zipRun(folder, join(exportsFolder(context), name));
      return { name, size };
    },
    exportPart: async ({ name, offset }) => readPart(join(exportsFolder(context), name), offset),
    async openZip({ name, bytes }) {
      const id = await takeIn(runsFolder(dataDir), name, bytes);
      jobs.changed('runs');
      return listed(await summarise(join(runsFolder(dataDir), id)));
    },
  };
}

/** Exports that were taken away long ago, or never. */
async function removeOld(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > exportLifeMs) await rm(path, { force: true });
  }
}

/** A run at work here, or by another program, stays where it is. */
async function refuseAtWork({ jobs }: LabContext, id: string, folder: string): Promise<void> {
  if (jobs.atWorkOn(id) !== undefined) {
    throw new HalftoneError('bad-argument', 'the run is at work; wait for it or cancel it first');
  }
  await refuseTaken(folder, 'run');
}

async function folderOf(place: string, id: string, missing: string): Promise<string> {
  const folder = join(place, id);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new HalftoneError('not-found', `${missing} '${id}'`);
  return folder;
}

/** Moves a run's folder, under another name where its own is taken. */
async function move(folder: string, to: string, name: string): Promise<string> {
  const place = await freeName(join(to, name));
  await makeFolder(to);
  await rename(folder, place).catch((cause: unknown) => {
    throw fileError(folder, cause, 'write');
  });
  return place;
}

async function listTrash(place: string): Promise<TrashedRun[]> {
  const runs = await Promise.all(
    (await listRuns(place)).map(async ({ folder, name, title }) => {
      // Moving a folder changes when it changed, not what it holds.
      const { ctime } = await stat(folder);
      return { id: name, title, deleted: ctime.toISOString() };
    }),
  );
  return runs.sort((a, b) => (a.deleted < b.deleted ? 1 : -1));
}

async function readPart(path: string, offset: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const bytes = new Uint8Array(exportPartBytes);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** Unpacks a run under the runs, whole or not at all. @returns its id */
async function takeIn(runs: string, what: string, bytes: Uint8Array): Promise<string> {
  const staged = join(runs, `.${randomBytes(6).toString('hex')}.new`);
  try {
    await makeFolder(staged);
    await unzipRun(bytes, staged, what);
    const name = await checkRun(staged, what);
    const place = await freeName(join(runs, name));
    await rename(staged, place).catch((cause: unknown) => {
      throw fileError(place, cause, 'write');
    });
    await adoptVerdicts({ folder: place, record: (await openRun(place)).record });
    return basename(place);
  } catch (cause) {
    await rm(staged, { recursive: true, force: true });
    throw cause;
  }
}

/**
 * Whether a folder from elsewhere is a run whose own files name nothing outside of it: its stages read and write where
 * these say. Throws `bad-file`, naming the archive in the place of the folder.
 *
 * @returns what its folder is to be called
 */
async function checkRun(folder: string, what: string): Promise<string> {
  try {
    const run = await openRun(folder);
    const { record } = run;
    const captures = await readCaptures(run);
    const sheets = await readSheets(run);
    const paths = [
      ...record.variants.map(({ key }) => `images/${key}/0000.png`),
      ...captures.flatMap(({ name, file, crops }) => [
        `captures/${name}.json`,
        file,
        ...crops.map((crop) => crop.file),
      ]),
      ...sheets.flatMap(({ cells }) => cells.map(({ image }) => image.file)),
    ];
    for (const path of paths) checkPath(path, what, archiveLimits);
    const slashed = [...record.variants.map(({ key }) => key), ...captures.map(({ name }) => name)];
    const odd = slashed.find((name) => name.includes('/'));
    if (odd !== undefined) throw new HalftoneError('bad-file', `${what}: '${odd}' is no name`);
    return folderName(record);
  } catch (cause) {
    if (!(cause instanceof HalftoneError)) throw cause;
    throw new HalftoneError('bad-file', cause.message.replaceAll(folder, what), { cause });
  }
}
