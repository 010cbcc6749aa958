import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { ModelSummary } from './api/contract.ts';
import { writeAtomic } from './data/atomic.ts';
import { fileError } from './data/schema.ts';
import { findCard, loadCard, type ModelCard } from './runtime/card.ts';

/** A folder of ONNX files with their cards. */
export interface Shelf {
  readonly folder: string;
  readonly origin: ModelSummary['origin'];
}

/** A lab's shelves of models: those that ship with the project at `root`, then those that were added to its data. */
export function modelShelves(root: string, dataDir: string): readonly [shipped: Shelf, added: Shelf] {
  return [
    { folder: join(root, 'models'), origin: 'shipped' },
    { folder: join(dataDir, 'models'), origin: 'added' },
  ];
}

/** A model on a shelf, with the path that opens it. */
export interface ShelvedModel {
  readonly path: string;
  readonly summary: ModelSummary;
}

/**
 * Every ONNX file on the shelves, in the shelves' order and by name within one. Files are looked at, not
 * opened: a card that can't be read is told in the summary's `problem`. A missing folder is an empty shelf.
 */
export async function listShelves(shelves: readonly Shelf[]): Promise<ShelvedModel[]> {
  const found = await Promise.all(shelves.map(listShelf));
  return found.flat();
}

/** The model with this id. Throws `not-found`. */
export function findModel(models: readonly ShelvedModel[], id: string): ShelvedModel {
  const model = models.find(({ summary }) => summary.id === id);
  if (model === undefined) throw new HalftoneError('not-found', `there is no model '${id}' in this lab`);
  return model;
}

async function listShelf(shelf: Shelf): Promise<ShelvedModel[]> {
  const entries = await readdir(shelf.folder, { recursive: true, withFileTypes: true }).catch(none);
  const files = entries.filter((entry) => entry.isFile() && /\.onnx$/i.test(entry.name));
  const models = await Promise.all(
    files.map((entry) => shelved(shelf, join(entry.parentPath, entry.name), entry.name)),
  );
  return models.sort((a, b) => a.summary.name.localeCompare(b.summary.name));
}

function none(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw new HalftoneError('bad-file', `the models' folder can't be read: ${error.message}`, { cause: error });
}

function shelved({ origin, folder }: Shelf, path: string, file: string): Promise<ShelvedModel> {
  const place = path.slice(folder.length + 1).replaceAll('\\', '/');
  return describeModel(path, { id: `${origin}/${place}`, name: file.replace(/\.onnx$/i, ''), file, origin });
}

/** A model's file with what its card says of it. Throws what the file system does. */
export async function describeModel(
  path: string,
  known: Pick<ModelSummary, 'id' | 'name' | 'file' | 'origin'>,
): Promise<ShelvedModel> {
  const { size } = await stat(path);
  const plain = { ...known, size };
  try {
    const card = await loadCard(path);
    return { path, summary: card === undefined ? plain : { ...plain, ...cardSummary(card) } };
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
    return { path, summary: { ...plain, problem: error.message } };
  }
}

function cardSummary(card: ModelCard): Partial<ModelSummary> & { name: string } {
  const { height, width, channels } = card.input;
  return {
    name: card.name,
    channels,
    ...(height === undefined ? {} : { height }),
    ...(width === undefined ? {} : { width }),
    ...(card.classes === undefined ? {} : { classes: card.classes.length }),
    ...(card.source === undefined ? {} : { source: card.source }),
    ...(card.licence === undefined ? {} : { licence: card.licence }),
  };
}

/**
 * Puts a file on a shelf, whole or not at all. `check` reads it first and throws for what is no model: nothing
 * is kept then. Throws `bad-argument` where the name is taken.
 */
export async function shelve(
  shelf: Shelf,
  { name, bytes }: { name: string; bytes: Uint8Array },
  check: (bytes: Uint8Array) => void | Promise<void>,
): Promise<ModelSummary> {
  await check(bytes);
  await mkdir(shelf.folder, { recursive: true });
  const path = join(shelf.folder, name);
  if ((await readdir(shelf.folder)).some((taken) => taken.toLowerCase() === name.toLowerCase())) {
    throw new HalftoneError('bad-argument', `there is a model '${name}' already; rename the file to add it`);
  }
  await writeAtomic(path, bytes);
  return (await shelved(shelf, path, name)).summary;
}

/**
 * Moves a model with its card from one shelf to another, at the same place there. A model of that name that was
 * there before goes: `to` is a shelf of things put away, or has none of that name. Throws `not-found`, `bad-file`.
 */
export async function moveModel(id: string, from: Shelf, to: Shelf): Promise<void> {
  const { path } = findModel(await listShelves([from]), id);
  const card = await findCard(path);
  const target = (file: string) => join(to.folder, relative(from.folder, file));
  await mkdir(dirname(target(path)), { recursive: true });
  const stale = await findCard(target(path));
  if (stale !== undefined) await rm(stale);
  // The model goes last: while it is where it was, the move can be made again.
  for (const file of card === undefined ? [path] : [card, path]) {
    await rename(file, target(file)).catch((cause: unknown) => {
      throw fileError(target(file), cause, 'write');
    });
  }
}
