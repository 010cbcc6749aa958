import { fileURLToPath } from 'node:url';
import { readVersion } from '../lab/version.ts';

/** Halftone's version. */
export function halftoneVersion(): Promise<string> {
  return readVersion(fileURLToPath(new URL('..', import.meta.url)));
}
