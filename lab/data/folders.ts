import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './schema.ts';

/** Makes a folder with those above it, where they aren't there. Throws `bad-file` naming the path. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(async (cause: unknown) => {
    throw fileError(path, isAbsent(cause) ? await whyNot(path) : cause, 'write');
  });
}

/** On a read-only file system Node says of a folder with those above it that it isn't there; of one alone, the truth. */
async function whyNot(path: string): Promise<unknown> {
  const cause = await mkdir(path).catch((error: unknown) => error);
  return isAbsent(cause) && dirname(path) !== path ? whyNot(dirname(path)) : cause;
}

function isAbsent(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
