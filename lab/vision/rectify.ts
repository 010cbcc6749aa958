import { type Crop, type CropSize, cutCells } from './finder/cut.ts';
import { findSheet } from './finder/find.ts';
import type { FindOptions, FoundSheet, NoSheet } from './finder/finding.ts';
import type { Frame } from './finder/frame.ts';
import type { OpenCv } from './opencv.ts';
import { type CaptureGrade, gradeCapture } from './quality/grade.ts';
import { paperLight } from './quality/paper.ts';
import { whiten } from './quality/whiten.ts';

export interface RectifyOptions extends FindOptions {
  /** Size of the crops: the classifier's input. Each image's own pixels where it is not said. */
  readonly size?: CropSize | undefined;
  /** Divides crops by the light of the bare paper. Off: the protocol classifies what the camera gives. */
  readonly whiten?: boolean | undefined;
}

/** A photograph, taken apart. */
export interface Rectified {
  readonly found: FoundSheet;
  readonly grade: CaptureGrade;
  /** In the order of the sheet's cells. */
  readonly crops: readonly Crop[];
}

/** Finds the sheet in a frame, grades it and cuts its images out; or says why it can't. Throws as `findSheet`. */
export function rectify(cv: OpenCv, frame: Frame, options: RectifyOptions): Rectified | NoSheet {
  const found = findSheet(cv, frame, options);
  if (!found.found) return found;
  const grade = gradeCapture(frame, found);
  const crops = cutCells(frame, found, options.size);
  const paper = options.whiten ? paperLight(frame, found) : undefined;
  if (paper === undefined) return { found, grade, crops };
  return { found, grade, crops: crops.map((crop) => ({ ...crop, raster: whiten(crop, paper) })) };
}
