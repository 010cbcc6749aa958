import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError } from './schema.ts';

/**
 * Writes a file whole or not at all: under a temporary name beside it, then renamed. Whatever goes wrong, an older
 * file of that name stays as it was and nothing is left behind. Throws `not-found` or `bad-file`, naming the path.
 */
export async function writeAtomic(
  path: string,
  content: Uint8Array | string | readonly Uint8Array[],
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    if (Array.isArray(content)) await writeParts(temporary, content);
    else await writeFile(temporary, content as Uint8Array | string, { flag: 'wx' });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fileError(path, cause, 'write');
  }
}

async function writeParts(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await using file = await open(path, 'wx');
  for (const part of parts) await file.writeFile(part);
}
