import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { configure, ZipWriter } from '@zip.js/zip.js';
import { makeFolder } from '../../data/folders.ts';
import { fileError } from '../../data/schema.ts';

// Its workers are a browser's.
configure({ useWebWorkers: false });

/** What has its own compression; packing it again takes time and gains nothing. */
const packed = /\.(png|jpe?g|webp|heic|pdf|zip)$/i;
/** What belongs to a process at work, or was left by one. */
const passing = /(^\.|\.lock$|\.tmp$|\.new$)/;

/**
 * Packs a run's folder into a zip file under one folder of the run's name, times kept. What is neither a plain file
 * nor a folder is left out, as are locks and half-written files. The file appears whole or not at all.
 * Throws `bad-file`.
 *
 * @returns its size in bytes
 */
export async function zipRun(folder: string, path: string): Promise<number> {
  // Two that pack the same run at once don't write into one file.
  const staged = `${path}.${randomBytes(6).toString('hex')}.new`;
  await makeFolder(dirname(path));
  try {
    const zip = new ZipWriter(Writable.toWeb(createWriteStream(staged)) as WritableStream<Uint8Array>);
    const name = basename(folder);
    for (const file of await filesOf(folder)) {
      const full = join(folder, file);
      const { mtime } = await lstat(full);
      const stream = Readable.toWeb(createReadStream(full)) as ReadableStream<Uint8Array>;
      await zip.add(`${name}/${file}`, stream, { level: packed.test(file) ? 0 : 6, lastModDate: mtime });
    }
    await zip.close();
    await rename(staged, path);
    return (await lstat(path)).size;
  } catch (cause) {
    await rm(staged, { force: true });
    throw fileError(path, cause, 'write');
  }
}

/** A run's own files, relative to its folder, with `/`. */
export async function filesOf(folder: string, inside = ''): Promise<string[]> {
  const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch((cause: unknown) => {
    throw fileError(join(folder, inside), cause);
  });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (passing.test(entry.name)) continue;
    if (entry.isDirectory()) found.push(...(await filesOf(folder, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
