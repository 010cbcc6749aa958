import { readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { writeAtomic } from '../data/atomic.ts';
import { makeFolder } from '../data/folders.ts';
import { lockFolder } from '../data/lock.ts';
import { fileError, parseWith, readJson } from '../data/schema.ts';
import { type RunRecord, runRecordSchema } from './record.ts';

/** A run on disk. */
export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
}

/** Where things lie in a run's folder; all relative to it, with `/`. */
export const places = {
  record: 'run.json',
  /** `images/clean/0007.png`, `images/<variant>/0007.png`. */
  images: 'images',
  sheets: 'sheets',
  captures: 'captures',
  crops: 'crops',
  results: 'results.json',
  table: 'results.csv',
  report: 'report.html',
} as const;

/** Path of an image, relative to the run's folder. `variant` is `clean` or an attack's key. */
export function imagePath(variant: string, source: number): string {
  return `${places.images}/${variant}/${String(source).padStart(4, '0')}.png`;
}

/**
 * Makes a run's folder under `root`: `<time>-<name>`, with `run.json`. It appears whole or not at all.
 * Throws `bad-file` where it can't be written.
 */
export async function createRun(root: string, record: RunRecord): Promise<Run> {
  const folder = await freeName(join(resolve(root), folderName(record)));
  const staged = `${folder}.new`;
  try {
    await makeFolder(staged);
    await writeAtomic(join(staged, places.record), json(record));
    await rename(staged, folder);
  } catch (cause) {
    if (cause instanceof HalftoneError) throw cause;
    throw fileError(folder, cause, 'write');
  }
  return { folder, record };
}

/** What a run's folder is called: `20260102-030405-demo`. Plain whatever the record says. */
export function folderName({ created, recipe }: Pick<RunRecord, 'created' | 'recipe'>): string {
  const time = created.replace(/\.\d+Z$/, '').replaceAll(/[^0-9T]/g, '');
  return `${time.replaceAll('T', '-').slice(0, 20)}-${recipe.name}`;
}

/** A path that is free: two runs of one second and one name get a number. */
export async function freeName(wanted: string): Promise<string> {
  for (let i = 1; ; i++) {
    const folder = i === 1 ? wanted : `${wanted}-${i}`;
    const taken = await stat(folder).catch(() => undefined);
    if (taken === undefined) return folder;
  }
}

/** Opens a run by its folder. Throws `not-found` or `bad-file`, saying what is missing or wrong. */
export async function openRun(folder: string): Promise<Run> {
  const path = join(resolve(folder), places.record);
  const there = await stat(path).catch(() => undefined);
  if (there === undefined)
    throw new HalftoneError('not-found', `${folder} is no run: it has no ${places.record}`);
  return { folder: dirname(path), record: parseWith(runRecordSchema, await readJson(path), path) };
}

/** Writes a changed record. Throws `bad-file`. */
export async function saveRecord(run: Run, record: RunRecord): Promise<Run> {
  await writeAtomic(join(run.folder, places.record), json(record));
  return { ...run, record };
}

/** A run as a list shows it. */
export interface RunSummary {
  readonly folder: string;
  readonly name: string;
  readonly title: string;
  readonly created: string;
  readonly model: string;
  readonly variants: readonly string[];
  /** It has results. */
  readonly measured: boolean;
  /** Why it can't be opened. */
  readonly problem?: string;
}

/** The runs under a folder, newest first; none where there is no folder. What can't be opened says why. */
export async function listRuns(root: string): Promise<RunSummary[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw fileError(root, cause);
  });
  const folders = entries.filter((entry) => entry.isDirectory() && !/^\.|\.new$/.test(entry.name));
  const runs = await Promise.all(folders.map(({ name }) => summarise(join(root, name))));
  return runs.sort((a, b) => (a.created < b.created ? 1 : -1));
}

/** What lists said of runs, as long as their `run.json` is the same: reading a thousand anew takes seconds. */
const known = new Map<string, { readonly stamp: string; readonly summary: Omit<RunSummary, 'measured'> }>();
const mostKnown = 5000;

/** A run's summary, and why it can't be opened where it can't. */
export async function summarise(folder: string): Promise<RunSummary> {
  const name = basename(folder);
  try {
    const found = await stat(join(folder, places.record)).catch(() => undefined);
    const stamp = found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
    const kept = known.get(folder);
    const summary = kept !== undefined && kept.stamp === stamp ? kept.summary : await readSummary(folder);
    known.delete(folder);
    known.set(folder, { stamp, summary });
    if (known.size > mostKnown) known.delete(known.keys().next().value!);
    const results = await stat(join(folder, places.results)).catch(() => undefined);
    return { ...summary, measured: results !== undefined };
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
    const blank = { title: name, created: '', model: '', variants: [], measured: false };
    return { folder, name, ...blank, problem: error.message };
  }
}

async function readSummary(folder: string): Promise<Omit<RunSummary, 'measured'>> {
  const { record } = await openRun(folder);
  return {
    folder,
    name: basename(folder),
    title: record.title,
    created: record.created,
    model: record.recipe.model,
    variants: record.variants.map(({ title }) => title),
  };
}

/** Takes a run for one process at a time; see `lab/data/lock.ts`. */
export function lockRun(run: Run): Promise<() => Promise<void>> {
  return lockFolder(run.folder, 'run');
}

/** A JSON file of a run, as all of them are written. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
