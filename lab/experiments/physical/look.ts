import { join } from 'node:path';
import { HalftoneError, throwIfCancelled } from '@halftone/sdk';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { json, places, type Run } from '../../runs/folder.ts';
import { cutCells } from '../../vision/finder/cut.ts';
import { findSheet } from '../../vision/finder/find.ts';
import type { FoundSheet } from '../../vision/finder/finding.ts';
import type { Camera } from '../../vision/finder/lens.ts';
import { readPhotograph } from '../../vision/node/photographs.ts';
import { writePicture } from '../../vision/node/pictures.ts';
import { loadOpenCv } from '../../vision/opencv.ts';
import { type CaptureGrade, gradeCapture } from '../../vision/quality/grade.ts';
import type { Raster } from '../../vision/raster.ts';
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

/**
 * Looks at photographs of a run's sheets: finds the sheet, grades it, cuts its images out to `crops/`, and writes a
 * record beside each photograph. One that was looked at already is left as it is; one with no sheet of the run, or
 * that can't be decoded, gets a record that says so. Throws `bad-file` where it can't be written, `cancelled`.
 */
export async function lookAtPhotographs(
  run: Run,
  sheets: readonly Sheet[],
  photographs: readonly Photograph[],
  options: LookOptions = {},
): Promise<CaptureRecord[]> {
  const records: CaptureRecord[] = [];
  for (const photograph of photographs) {
    throwIfCancelled(options.signal);
    const path = captureRecordPath(run, photograph.name);
    const known = await readIfThere(path, captureRecordSchema);
    const record = known ?? (await look(run, sheets, photograph, options));
    if (known === undefined) await writeAtomic(path, json(record));
    records.push(record);
    const progress = { done: records.length, total: photographs.length };
    options.onProgress?.({ stage: 'crops', what: 'photographs', ...progress });
  }
  return records;
}

async function look(
  run: Run,
  sheets: readonly Sheet[],
  { name, file, origin }: Photograph,
  { camera }: LookOptions,
): Promise<CaptureRecord> {
  const blank = { name, file, origin, grades: {}, reasons: [], crops: [] };
  let frame: Raster;
  try {
    frame = (await readPhotograph(join(run.folder, file))).picture;
  } catch (error) {
    if (error instanceof HalftoneError && error.code === 'bad-image')
      return { ...blank, problem: error.message };
    throw error;
  }
  const found = findSheet(await loadOpenCv(), frame, { sheets, camera });
  if (!found.found) return { ...blank, problem: found.message };
  const grade = gradeCapture(frame, found);
  return {
    ...blank,
    sheet: found.sheet.sheet,
    angle: grade.angle,
    dpi: grade.dpi,
    grades: gradesOf(grade, found),
    reasons: [...grade.faults],
    crops: await writeCrops(run, name, frame, found, grade),
  };
}

function gradesOf(
  { edgeWidth, paperLevel, clipped, glare, distance, fill }: CaptureGrade,
  { markers, residual }: FoundSheet,
): CaptureRecord['grades'] {
  return { edgeWidth, paperLevel, clipped, glare, distance, fill, markers: markers.length, residual };
}

async function writeCrops(
  run: Run,
  name: string,
  frame: Raster,
  found: FoundSheet,
  grade: CaptureGrade,
): Promise<CropRecord[]> {
  const { height, width } = run.record.input;
  await makeFolder(join(run.folder, places.crops, name));
  const records: CropRecord[] = [];
  for (const { index, cell, raster } of cutCells(frame, found, { width, height })) {
    const { variant, source, label } = cell.image;
    const file = `${places.crops}/${name}/${String(source).padStart(4, '0')}-${variant}.png`;
    await writePicture(join(run.folder, file), raster);
    records.push({ file, variant, source, label, reasons: [...(grade.crops[index]?.faults ?? [])] });
  }
  return records;
}
