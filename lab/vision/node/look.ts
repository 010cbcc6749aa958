import { basename } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { type CropSize, cutCells } from '../finder/cut.ts';
import { findSheet } from '../finder/find.ts';
import type { Camera } from '../finder/lens.ts';
import { loadOpenCv } from '../opencv.ts';
import { type CaptureGrade, gradeCapture } from '../quality/grade.ts';
import type { Raster } from '../raster.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { readPhotograph } from './photographs.ts';
import { encodePng } from './pictures.ts';

/** A photograph's file, and which sheets may be on it. */
export interface PhotographQuestion {
  readonly path: string;
  readonly sheets: readonly Sheet[];
  /** Of the crops: the classifier's input. */
  readonly size: CropSize;
  /** The camera, where it was calibrated. */
  readonly camera?: Camera | undefined;
}

/** An image cut out of a photograph. */
export interface CutImage {
  /** Of its cell on the sheet. */
  readonly index: number;
  readonly png: Uint8Array<ArrayBuffer>;
}

/** What a photograph shows, or in words why it can't be used. */
export type PhotographLook =
  | {
      readonly found: true;
      /** Number of the sheet. */
      readonly sheet: number;
      /** How many of its marks were read, and how far they lie from where they should, in pixels. */
      readonly markers: number;
      readonly residual: number;
      readonly grade: CaptureGrade;
      /** In the order of the sheet's cells. */
      readonly crops: readonly CutImage[];
    }
  | { readonly found: false; readonly problem: string };

/**
 * Looks at a photograph: reads it, finds the sheet, grades it and cuts its images out. Up to some seconds of a large
 * one. Throws `not-found` where there is no such file; one that can't be decoded is told as a problem.
 */
export async function lookAtPhotograph({
  path,
  sheets,
  size,
  camera,
}: PhotographQuestion): Promise<PhotographLook> {
  let frame: Raster;
  try {
    frame = (await readPhotograph(path, basename(path))).picture;
  } catch (error) {
    if (!(error instanceof HalftoneError) || error.code !== 'bad-image') throw error;
    return { found: false, problem: error.message };
  }
  const found = findSheet(await loadOpenCv(), frame, { sheets, camera });
  if (!found.found) return { found: false, problem: found.message };
  const crops: CutImage[] = [];
  for (const { index, raster } of cutCells(frame, found, size)) {
    crops.push({ index, png: new Uint8Array(await encodePng(raster)) });
  }
  const { sheet, markers, residual } = found;
  const grade = gradeCapture(frame, found);
  return { found: true, sheet: sheet.sheet, markers: markers.length, residual, grade, crops };
}
