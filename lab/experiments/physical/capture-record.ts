import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import { fileError, parseWith, readJson } from '../../data/schema.ts';
import { places, type Run } from '../../runs/folder.ts';

/** What became of one photograph: `captures/<name>.json`, beside the photograph. */

const cropSchema = z.strictObject({
  /** Relative to the run's folder. */
  file: z.string(),
  variant: z.string(),
  source: z.int().min(0),
  label: z.int().min(0),
  /** Why it is poor, one reason each; a crop with reasons is left out of the measures. */
  reasons: z.array(z.string()),
  /** A person left this one out, or put it back in though it is poor. */
  decision: z.enum(['excluded', 'included']).optional(),
});

export const captureRecordSchema = z.strictObject({
  name: z.string(),
  /** The photograph, relative to the run's folder. */
  file: z.string(),
  /** How it came: a simulated camera (in words), a file, the webcam. */
  origin: z.string(),
  /** Number of the sheet that was found. */
  sheet: z.int().optional(),
  /** Why no sheet of this run was found. */
  problem: z.string().optional(),
  /** Angle between camera axis and the paper's normal, degrees. */
  angle: z.number().optional(),
  /** Camera pixels per inch of paper. */
  dpi: z.number().optional(),
  /** Everything else that was measured of it. */
  grades: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).default({}),
  /** Why the whole photograph is poor. */
  reasons: z.array(z.string()).default([]),
  crops: z.array(cropSchema).default([]),
  /** A person left it out, or put it back in though it is poor. */
  decision: z.enum(['excluded', 'included']).optional(),
});

export type CaptureRecord = z.infer<typeof captureRecordSchema>;
export type CropRecord = CaptureRecord['crops'][number];

/** Path of a capture's record. */
export function captureRecordPath({ folder }: Run, name: string): string {
  return join(folder, places.captures, `${name}.json`);
}

/** Every capture of a run, by name. Throws `bad-file`. */
export async function readCaptures(run: Run): Promise<CaptureRecord[]> {
  const folder = join(run.folder, places.captures);
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw fileError(folder, cause);
  });
  const records = names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
  const found = await Promise.all(records.map((name) => readCapture(join(folder, name))));
  return found.filter((record) => record !== undefined);
}

/**
 * A capture's record; undefined where there is none. One that can't be read says so in place of what it held: the
 * photograph is there all the same, and one file must not take a whole run along. Throws `bad-file` where the disk fails.
 */
export async function readCapture(path: string): Promise<CaptureRecord | undefined> {
  try {
    return parseWith(captureRecordSchema, await readJson(path), path);
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
    if (error.code === 'not-found') return undefined;
    const name = basename(path, '.json');
    const beside = await readdir(dirname(path)).catch(() => []);
    const photograph = beside.find((file) => file.startsWith(`${name}.`) && !file.endsWith('.json'));
    const problem = `its record is damaged: remove it, and add the photograph again (${error.message})`;
    const file = `${places.captures}/${photograph ?? name}`;
    return captureRecordSchema.parse({ name, file, origin: 'file', problem });
  }
}

/** How the origin of a photograph begins that no camera took. */
export const SIMULATED = 'simulated: ';

export function isSimulated({ origin }: Pick<CaptureRecord, 'origin'>): boolean {
  return origin.startsWith(SIMULATED);
}

/** The crops of a capture that count: what a person decided of one stands before what was decided of all. */
export function usableCrops({ crops, decision, reasons }: CaptureRecord): CropRecord[] {
  return crops.filter((crop) => {
    const decided = crop.decision ?? decision;
    return decided === undefined ? reasons.length + crop.reasons.length === 0 : decided === 'included';
  });
}
