import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { HalftoneError } from '@halftone/sdk';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { fileError } from '../../data/schema.ts';
import { places, type Run } from '../../runs/folder.ts';
import type { Photograph } from './simulate.ts';

const extensions = ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff', '.avif', '.heic', '.heif'];

/**
 * Takes photographs into a run's folder, byte for byte. A folder stands for the photographs in it. The same bytes
 * are taken once, whatever they are called.
 * Throws `not-found` or `bad-file` naming the path; nothing is taken then that was not before.
 */
export async function takePhotographs(run: Run, paths: readonly string[]): Promise<Photograph[]> {
  const files = (await Promise.all(paths.map(listPhotographs))).flat();
  await makeFolder(join(run.folder, places.captures));
  const taken = new Map<string, Photograph>();
  for (const path of files) {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw fileError(path, cause);
    });
    const photograph = await keepPhotograph(run, basename(path), bytes, 'file');
    taken.set(photograph.name, photograph);
  }
  return [...taken.values()];
}

/** Puts one photograph into a run's folder; `original` is the name that it came with. */
export async function keepPhotograph(
  run: Run,
  original: string,
  bytes: Uint8Array,
  origin: string,
): Promise<Photograph> {
  // An ending decides nothing; one that isn't a picture's, such as a record's own, could stand for something else here.
  const ending = extname(original).toLowerCase();
  const extension = extensions.includes(ending) ? ending : '';
  const word = basename(original, extname(original))
    .replaceAll(/[^a-z0-9_-]+/gi, '-')
    .slice(0, 60);
  // The hash tells two photographs of one name apart, and the same one taken twice.
  const mark = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const name = `${word}-${mark}`;
  const file = `${places.captures}/${name}${extension}`;
  await writeAtomic(join(run.folder, file), bytes);
  return { name, file, origin: `${origin}: ${original}` };
}

async function listPhotographs(path: string): Promise<string[]> {
  const full = resolve(path);
  const found = await stat(full).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (!found.isDirectory()) return [full];
  const names = (await readdir(full)).filter((name) => extensions.includes(extname(name).toLowerCase()));
  if (names.length > 0) return names.sort().map((name) => join(full, name));
  throw new HalftoneError('not-found', `${path}: no photographs (${extensions.join(' ')}) in it`);
}
