import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { json, places, type Run } from '../../runs/folder.ts';
import { inLanes } from '../../threads/lanes.ts';
import type { Camera } from '../../vision/finder/lens.ts';
import type { PhotographLook } from '../../vision/node/look.ts';
import type { PhotographReader } from '../../vision/node/reader.ts';
import type { Sheet } from '../../vision/sheet/geometry.ts';
import {
  type CaptureRecord,
  type CropRecord,
  captureRecordPath,
  captureRecordSchema,
} from './capture-record.ts';
import { readIfThere } from './examples.ts';
import type { StageOptions } from './materials.ts';
import type { Photograph } from './simulate.ts';

/** What looking at photographs takes beside the run. */
export interface LookOptions extends StageOptions {
  /** The camera, where it was calibrated. */
  readonly camera?: Camera | undefined;
}

/** What looking at one photograph takes. */
interface Looking {
  readonly run: Run;
  readonly reader: PhotographReader;
  readonly sheets: readonly Sheet[];
  readonly camera: Camera | undefined;
  readonly signal: AbortSignal;
}

type Found = Extract<PhotographLook, { found: true }>;

/**
 * Looks at photographs of a run's sheets, as many at once as the reader has threads: finds the sheet, grades it, cuts
 * its images out to `crops/`, and writes a record beside each photograph. One that was looked at already is left as it
 * is; one with no sheet of the run, that can't be decoded, or that a thread dies of, gets a record that says so.
 * Records are in the order of the photographs. Throws `bad-file` where one can't be written, `cancelled`; nothing is
 * written after that.
 */
export async function lookAtPhotographs(
  run: Run,
  reader: PhotographReader,
  sheets: readonly Sheet[],
  photographs: readonly Photograph[],
  options: LookOptions = {},
): Promise<CaptureRecord[]> {
  const { camera, onProgress } = options;
  const progress = { stage: 'crops', what: 'photographs', total: photographs.length } as const;
  let done = 0;
  const work = async (photograph: Photograph, signal: AbortSignal) => {
    const record = await recordOf({ run, reader, sheets, camera, signal }, photograph);
    done += 1;
    onProgress?.({ ...progress, done });
    return record;
  };
  return inLanes(photographs, reader.threads, work, options.signal);
}

/** The record that is there, or one made now. */
async function recordOf(looking: Looking, photograph: Photograph): Promise<CaptureRecord> {
  const path = captureRecordPath(looking.run, photograph.name);
  const known = await readIfThere(path, captureRecordSchema);
  if (known !== undefined) return known;
  const record = await look(looking, photograph);
  await writeAtomic(path, json(record));
  return record;
}

async function look(looking: Looking, { name, file, origin }: Photograph): Promise<CaptureRecord> {
  const { run, sheets } = looking;
  const blank = { name, file, origin, grades: {}, reasons: [], crops: [] };
  const found = await ask(looking, join(run.folder, file));
  if (!found.found) return { ...blank, problem: found.problem };
  const sheet = sheets.find((each) => each.sheet === found.sheet)!;
  const { grade } = found;
  return {
    ...blank,
    sheet: found.sheet,
    angle: grade.angle,
    dpi: grade.dpi,
    grades: gradesOf(found),
    reasons: [...grade.faults],
    crops: await writeCrops(run, name, sheet, found),
  };
}

/** Asks once more where the thread died: several large photographs at once may have been too much for the memory. */
async function ask(looking: Looking, path: string): Promise<PhotographLook> {
  const { reader, run, sheets, camera, signal } = looking;
  const question = { path, sheets, size: run.record.input, camera };
  try {
    return await reader.look(question, signal).catch((error: unknown) => {
      if (!isCode(error, 'internal')) throw error;
      return reader.look(question, signal);
    });
  } catch (error) {
    if (!isCode(error, 'internal')) throw error;
    return { found: false, problem: `looking at it failed twice: ${error.message}` };
  }
}

function isCode(error: unknown, code: HalftoneError['code']): error is HalftoneError {
  return error instanceof HalftoneError && error.code === code;
}

function gradesOf({ grade, markers, residual }: Found): CaptureRecord['grades'] {
  const { edgeWidth, paperLevel, clipped, glare, distance, fill } = grade;
  return { edgeWidth, paperLevel, clipped, glare, distance, fill, markers, residual };
}

async function writeCrops(
  run: Run,
  name: string,
  sheet: Sheet,
  { crops, grade }: Found,
): Promise<CropRecord[]> {
  await makeFolder(join(run.folder, places.crops, name));
  const records: CropRecord[] = [];
  for (const { index, png } of crops) {
    const { variant, source, label } = sheet.cells[index]!.image;
    const file = `${places.crops}/${name}/${String(source).padStart(4, '0')}-${variant}.png`;
    await writeAtomic(join(run.folder, file), png);
    records.push({ file, variant, source, label, reasons: [...(grade.crops[index]?.faults ?? [])] });
  }
  return records;
}
