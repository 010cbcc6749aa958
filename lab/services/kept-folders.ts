import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { writeAtomic } from '../data/atomic.ts';
import { fileError } from '../data/schema.ts';

/** A file of a folder that came over the line. */
export interface KeptFile {
  /** Within the folder, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Keeps a folder of files under `place`, whole or not at all. The same files under the same name are kept once.
 * Throws `bad-argument` for a path that leaves the folder or comes twice, `bad-file` where it can't be written.
 *
 * @returns the folder's path and how many files it holds
 */
export async function keepFolder(
  place: string,
  name: string,
  files: readonly KeptFile[],
): Promise<{ folder: string; images: number }> {
  const paths = new Set<string>();
  for (const { path } of files) {
    checkPath(path);
    if (paths.has(path)) throw new HalftoneError('bad-argument', `${path} is there twice`);
    paths.add(path);
  }
  const word = name.replaceAll(/[^a-z0-9._-]+/gi, '-').replace(/^[.-]+/, '') || 'images';
  const folder = join(place, `${word}-${fingerprint(files)}`);
  const kept = { folder, images: files.length };
  if ((await stat(folder).catch(() => undefined)) !== undefined) return kept;
  const staged = `${folder}.new`;
  try {
    await rm(staged, { recursive: true, force: true });
    for (const { path, bytes } of files) {
      await mkdir(dirname(join(staged, path)), { recursive: true });
      await writeAtomic(join(staged, path), bytes);
    }
    await rename(staged, folder);
  } catch (cause) {
    await rm(staged, { recursive: true, force: true });
    throw cause instanceof HalftoneError ? cause : fileError(folder, cause, 'write');
  }
  return kept;
}

/** Parts that are names of files, and nothing that leads out. */
function checkPath(path: string): void {
  const good = path.split('/').every((part) => part !== '' && !/^\.+$/.test(part) && !/[\\\0:]/.test(part));
  if (!good) throw new HalftoneError('bad-argument', `'${path}' is no path within a folder`);
}

function fingerprint(files: readonly KeptFile[]): string {
  const hash = createHash('sha256');
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, bytes } of sorted) hash.update(`${path} ${bytes.length}\n`).update(bytes);
  return hash.digest('hex').slice(0, 10);
}
