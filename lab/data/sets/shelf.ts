import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { download, nameInUrl } from '../download.ts';
import { fileError } from '../schema.ts';
import type { CheckedFile, KnownSet, Originals } from './known.ts';

/** A data set that was put on the shelf. */
export interface Shelved {
  readonly folder: string;
  readonly files: readonly { readonly file: string; readonly checked: CheckedFile['checked'] }[];
}

/**
 * Checks the original files of a data set and copies them, unpacked, to a folder of its name on the shelf, all or
 * nothing. Throws `bad-argument` for a set that needs no files or is there already, and as `Originals.check`.
 */
export async function addToShelf(set: KnownSet, from: string, shelf: string): Promise<Shelved> {
  const { originals, folder } = await roomFor(set, shelf);
  if (!(await folderExists(from))) throw new HalftoneError('not-found', `${from}: no such folder`);
  const files = await originals.check(from);
  await writeFolder(folder, shelf, files);
  return { folder, files: files.map(({ file, checked }) => ({ file, checked })) };
}

/** How far fetching a set is: bytes of one of its files, of which the server may not say how many there are. */
export type FetchProgress = (file: string, done: number, total: number | undefined) => void;

/**
 * Downloads the original files of a data set from where their authors give them, and adds them as `addToShelf`
 * does. What an interrupted call has fetched is kept on the shelf, and the next one goes on from there.
 * Throws as `addToShelf` and as `download`.
 */
export async function fetchToShelf(
  set: KnownSet,
  shelf: string,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: FetchProgress } = {},
): Promise<Shelved> {
  const { originals } = await roomFor(set, shelf);
  const downloads = downloadsOf(set.name, shelf);
  for (const published of originals.published) {
    const file = nameInUrl(published.url);
    await download(published, join(downloads, file), {
      signal,
      onProgress: (done, total) => onProgress?.(file, done, total),
    });
  }
  const shelved = await addToShelf(set, downloads, shelf);
  await rm(downloads, { recursive: true, force: true });
  return shelved;
}

/** Where the files of a set come to before they are checked; what an interrupted fetch has got lies there. */
export function downloadsOf(name: string, shelf: string): string {
  return join(shelf, '.downloads', name);
}

/** Where a set would go. Throws `bad-argument` for one that needs no files or is there already. */
async function roomFor(set: KnownSet, shelf: string): Promise<{ originals: Originals; folder: string }> {
  const { name, originals } = set;
  if (originals === undefined)
    throw new HalftoneError('bad-argument', `${name} comes with Halftone: nothing to add`);
  const folder = join(shelf, name);
  if (!(await folderExists(folder))) return { originals, folder };
  throw new HalftoneError('bad-argument', `${name} was added already; delete ${folder} to add it again`);
}

/** Written under another name and renamed: a set is on the shelf whole or not at all. */
async function writeFolder(folder: string, shelf: string, files: readonly CheckedFile[]): Promise<void> {
  let temporary: string | undefined;
  try {
    await mkdir(shelf, { recursive: true });
    temporary = await mkdtemp(join(shelf, '.adding-'));
    for (const { file, bytes } of files) await writeFile(join(temporary, file), bytes);
    await rename(temporary, folder);
  } catch (cause) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    throw fileError(folder, cause, 'write');
  }
}

/** Whether there is a folder at this path. */
export async function folderExists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The error for a set whose files aren't here: what to get, where, and what to run then. */
export function notAdded({ name, originals }: KnownSet): HalftoneError {
  const { files = [], home = '' } = originals ?? {};
  const text =
    `${name} isn't here: run halftone data get ${name}, or get its original files (${files.join(', ')}) ` +
    `from ${home} and run: halftone data add ${name} FOLDER`;
  return new HalftoneError('not-found', text);
}
