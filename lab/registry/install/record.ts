import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../data/atomic.ts';
import { parseWith, readJson } from '../../data/schema.ts';
import { RECORD_FILE } from './limits.ts';

/** What was noted when a plugin was installed. */
const record = z.object({
  version: z.literal(1),
  /** How it was asked for; asked again for an update. */
  source: z.string(),
  /** What came of that exactly. */
  resolved: z.string(),
  checksum: z.string(),
  files: z.int(),
  bytes: z.int(),
  dependencies: z.array(z.object({ name: z.string(), range: z.string(), bundled: z.boolean() })),
  /** What it said of itself when it was loaded: an attack's access and norm, say. */
  access: z.string().optional(),
  installedAt: z.string(),
});
export type InstallRecord = z.infer<typeof record>;

/** Reads a plugin's record. Throws `not-found` or `bad-file`. */
export async function readRecord(folder: string): Promise<InstallRecord> {
  const path = join(folder, RECORD_FILE);
  return parseWith(record, await readJson(path), path);
}

/** Writes a plugin's record. */
export async function writeRecord(folder: string, value: InstallRecord): Promise<void> {
  await writeAtomic(join(folder, RECORD_FILE), `${JSON.stringify(value, null, 2)}\n`);
}

/** How a plugin's process was ended, kept for `plugins info`. */
const failure = z.object({ at: z.string(), reason: z.string(), log: z.string() });
export type FailureRecord = z.infer<typeof failure>;

/** The last failure of a plugin; undefined where there was none. */
export async function readFailure(place: string, name: string): Promise<FailureRecord | undefined> {
  try {
    return failure.parse(await readJson(failurePath(place, name)));
  } catch {
    return undefined;
  }
}

/** Where the last failure of a plugin is noted: beside the plugins, so that its folder stays as it was checked. */
export function failurePath(place: string, name: string): string {
  return join(place, `.${name}.failure.json`);
}
