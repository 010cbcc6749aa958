import { join } from 'node:path';
import { z } from 'zod';
import { parseWith, readJson } from './data/schema.ts';

const manifest = z.object({ version: z.string() });

/** The version in the `package.json` of a folder. Throws `not-found` or `bad-file`. */
export async function readVersion(folder: string): Promise<string> {
  const path = join(folder, 'package.json');
  return parseWith(manifest, await readJson(path), path).version;
}
