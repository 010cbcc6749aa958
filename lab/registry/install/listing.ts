import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { checkPath, PathSet } from '../../data/paths.ts';
import { type InstallLimits, RECORD_FILE } from './limits.ts';

/** The files of a plugin's folder. */
export interface Listing {
  readonly files: number;
  readonly bytes: number;
  /** `sha512-` and, in base64, the hash of a line for each file: its hash in hex, its size, its path; by path. */
  readonly checksum: string;
}

/**
 * Lists and hashes a folder. Only plain files and folders may be in it, within the limits; the store's own record
 * isn't listed. Throws `bad-plugin`; `what` names the plugin.
 */
export async function listFolder(folder: string, what: string, limits: InstallLimits): Promise<Listing> {
  const paths: string[] = [];
  await collect(folder, '', what, limits, paths);
  paths.sort();
  const seen = new PathSet('bad-plugin');
  const hash = createHash('sha512');
  let bytes = 0;
  for (const path of paths) {
    seen.add(path, what);
    const content = await readFile(join(folder, path));
    bytes += content.length;
    if (bytes > limits.bytes) {
      throw new HalftoneError('bad-plugin', `${what}: larger than ${Math.round(limits.bytes / 2 ** 20)} MiB`);
    }
    hash.update(`${createHash('sha512').update(content).digest('hex')} ${content.length} ${path}\n`);
  }
  return { files: paths.length, bytes, checksum: `sha512-${hash.digest('base64')}` };
}

async function collect(
  folder: string,
  inside: string,
  what: string,
  limits: InstallLimits,
  paths: string[],
): Promise<void> {
  for (const name of await readdir(join(folder, inside))) {
    const path = inside === '' ? name : `${inside}/${name}`;
    if (path === RECORD_FILE) continue;
    checkPath(path, what, limits, 'bad-plugin');
    const found = await lstat(join(folder, path));
    if (found.isDirectory()) await collect(folder, path, what, limits, paths);
    else if (!found.isFile()) {
      throw new HalftoneError(
        'bad-plugin',
        `${what}: ${path} is ${found.isSymbolicLink() ? 'a symbolic link' : 'no plain file'}`,
      );
    } else if (paths.push(path) > limits.files) {
      throw new HalftoneError('bad-plugin', `${what}: holds more than ${limits.files} files`);
    }
  }
}
