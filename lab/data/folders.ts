import { mkdir } from 'node:fs/promises';
import { fileError } from './schema.ts';

/** Makes a folder with those above it, where they aren't there. Throws `bad-file` naming the path. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw fileError(path, cause, 'write');
  });
}
