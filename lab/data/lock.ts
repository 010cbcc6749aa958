import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import { fileError } from './schema.ts';

/** One process at a time at work in a folder. */

const holderSchema = z.object({ process: z.int(), host: z.string() });

/** Folders that this process itself holds. */
const held = new Set<string>();

/**
 * Takes the folder for a `what` (a word, such as `training`), by a file of that name; the returned function gives it
 * back. A lock whose process has died is taken over.
 * Throws `bad-argument` when another has the folder, `bad-file` when it can't be written to.
 */
export async function lockFolder(folder: string, what: string): Promise<() => Promise<void>> {
  const path = lockPath(folder, what);
  if (held.has(path)) throw taken(folder, what, process.pid, path);
  held.add(path);
  try {
    await take(path, folder, what);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(path);
  };
}

/** Throws `bad-argument` when somebody has the folder. Writes nothing: a full disk can be cleared. */
export async function refuseTaken(folder: string, what: string): Promise<void> {
  const path = lockPath(folder, what);
  if (held.has(path)) throw taken(folder, what, process.pid, path);
  const holder = await readHolder(path);
  if (holder !== undefined && isAlive(holder)) throw taken(folder, what, holder.process, path);
}

function lockPath(folder: string, what: string): string {
  return join(resolve(folder), `${what}.lock`);
}

async function take(path: string, folder: string, what: string): Promise<void> {
  const content = JSON.stringify({ process: process.pid, host: hostname() });
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(path, cause, 'write');
    const holder = await readHolder(path);
    if (holder !== undefined && isAlive(holder)) throw taken(folder, what, holder.process, path);
    await rm(path, { force: true });
    await writeFile(path, content, { flag: 'wx' }).catch((again: unknown) => {
      throw fileError(path, again, 'write');
    });
  }
}

/** Who holds a lock; undefined where its file was cut short, as by a power cut. */
async function readHolder(path: string): Promise<z.infer<typeof holderSchema> | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Processes of other machines can't be asked: they count as alive. Our own number is that of one that died. */
function isAlive(holder: z.infer<typeof holderSchema>): boolean {
  if (holder.host !== hostname()) return true;
  if (holder.process === process.pid) return false;
  try {
    process.kill(holder.process, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function taken(folder: string, what: string, holder: number, path: string): HalftoneError {
  const text = `another ${what} (process ${holder}) writes into ${folder}; wait for it or choose another folder`;
  return new HalftoneError('bad-argument', `${text}. If there is none, delete ${path}`);
}
