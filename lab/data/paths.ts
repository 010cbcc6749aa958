import { type ErrorCode, HalftoneError } from '@halftone/sdk/errors';

/** Paths that come from outside, in archives and dropped folders. */

/** Names that Windows keeps for devices, with any ending. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const odd = /[\\:*?"<>|\u0000-\u001f\u007f]/;

/** How long a path may be, in characters, and how deep. */
export interface PathLimits {
  readonly pathLength: number;
  readonly depth: number;
}

/**
 * Refuses a path that leads out of its folder, or that isn't the same file on every system. `path` is relative, with
 * `/`; `what` names where it comes from. Throws with the given code.
 */
export function checkPath(
  path: string,
  what: string,
  { pathLength, depth }: PathLimits,
  code: ErrorCode = 'bad-file',
): void {
  const refuse = (why: string): never => {
    throw new HalftoneError(code, `${what}: the path ${JSON.stringify(path.slice(0, 200))} ${why}`);
  };
  if (path === '' || path.startsWith('/')) refuse('is not within its folder');
  if (path.length > pathLength) refuse(`is longer than ${pathLength} characters`);
  if (odd.test(path)) refuse('holds characters that a file name may not have');
  const segments = path.split('/');
  if (segments.length > depth) refuse(`is deeper than ${depth} folders`);
  for (const segment of segments) {
    if (segment === '..') refuse('leads out of its folder');
    if (segment === '' || segment === '.') refuse('is not a plain path');
    if (/[. ]$/.test(segment) || devices.test(segment)) refuse('is no file name on some systems');
  }
}

/** Refuses two paths that some file systems take for one. */
export class PathSet {
  readonly #code: ErrorCode;
  readonly #seen = new Map<string, string>();

  constructor(code: ErrorCode = 'bad-file') {
    this.#code = code;
  }

  /** Throws where the path, but for its case, was added before. */
  add(path: string, what: string): void {
    const key = path.normalize('NFC').toLowerCase();
    const before = this.#seen.get(key);
    if (before !== undefined) {
      throw new HalftoneError(this.#code, `${what}: ${before} and ${path} are one file on some systems`);
    }
    this.#seen.set(key, path);
  }
}
