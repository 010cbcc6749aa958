import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../lab/data/schema.ts';

/** 192 bits: not guessed in any time that matters. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * The token of a lab's folder: the same at every start, readable by its owner alone. Throws `bad-file` where the
 * folder can't be written to.
 */
export async function keptToken(dataDir: string): Promise<string> {
  const file = join(dataDir, 'web-token');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (/^[\w-]{32}$/.test(kept)) return kept;
  const token = newToken();
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(file, token, { mode: 0o600 });
    // The mode above is for a file that is new.
    await chmod(file, 0o600);
  } catch (cause) {
    throw fileError(file, cause, 'write');
  }
  return token;
}
