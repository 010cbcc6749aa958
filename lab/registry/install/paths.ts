import { HalftoneError } from '@halftone/sdk/errors';
import type { InstallLimits } from './limits.ts';

/** Names that Windows keeps for devices, with any ending. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const odd = /[\\:*?"<>|\u0000-\u001f\u007f]/;

/**
 * Refuses a path that leads out of its folder, or that isn't the same file on every system. `path` is relative, with
 * `/`. Throws `bad-plugin`.
 */
export function checkPath(path: string, what: string, { pathLength, depth }: InstallLimits): void {
  const refuse = (why: string): never => {
    throw new HalftoneError('bad-plugin', `${what}: the path ${JSON.stringify(path.slice(0, 200))} ${why}`);
  };
  if (path === '' || path.startsWith('/')) refuse("is not within the plugin's folder");
  if (path.length > pathLength) refuse(`is longer than ${pathLength} characters`);
  if (odd.test(path)) refuse('holds characters that a file name may not have');
  const segments = path.split('/');
  if (segments.length > depth) refuse(`is deeper than ${depth} folders`);
  for (const segment of segments) {
    if (segment === '..') refuse("leads out of the plugin's folder");
    if (segment === '' || segment === '.') refuse('is not a plain path');
    if (/[. ]$/.test(segment) || devices.test(segment)) refuse('is no file name on some systems');
  }
}

/** Refuses two paths that some file systems take for one. */
export class PathSet {
  readonly #seen = new Map<string, string>();

  /** Throws `bad-plugin` where the path, but for its case, was added before. */
  add(path: string, what: string): void {
    const key = path.normalize('NFC').toLowerCase();
    const before = this.#seen.get(key);
    if (before !== undefined) {
      throw new HalftoneError('bad-plugin', `${what}: ${before} and ${path} are one file on some systems`);
    }
    this.#seen.set(key, path);
  }
}
