import type { Crop, CropSize } from './finder/cut.ts';
import { cutCells } from './finder/cut.ts';
import { findSheet } from './finder/find.ts';
import type { Finding, FindOptions, FoundSheet } from './finder/finding.ts';
import type { Frame } from './finder/frame.ts';
import type { Camera } from './finder/lens.ts';
import { type Point, rectangleCorners } from './finder/plane.ts';
import { toFrame } from './finder/sheet-map.ts';
import { loadOpenCv, type OpenCv } from './opencv.ts';
import { type CaptureGrade, gradeCapture } from './quality/grade.ts';
import type { Sheet } from './sheet/geometry.ts';

export type { Camera, CaptureGrade, Finding, FindOptions, FoundSheet, Frame, OpenCv, Point, Sheet };
/**
 * What a live view needs, for a browser's worker: nothing that this file reaches needs Node. All that goes in and
 * comes out is plain data, but OpenCV itself: it is loaded in the worker and stays there.
 */
export { type Crop, type CropSize, cutCells, findSheet, gradeCapture, loadOpenCv };

/** What a canvas gives: an `ImageData`, or anything of its shape. Four bytes a pixel. */
export interface ImageLike {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** A canvas's pixels as a frame. They are not copied. */
export function frameOf({ width, height, data }: ImageLike): Frame {
  return { width, height, channels: 4, data };
}

/** What to draw over a frame, in its pixels. */
export interface Overlay {
  /** The paper's corners, clockwise from the sheet's upper left. */
  readonly outline: readonly Point[];
  /** Corners of each image, clockwise from its upper left, in the order of the sheet's cells. */
  readonly cells: readonly (readonly Point[])[];
  /** Corners of each mark that was read. */
  readonly markers: readonly (readonly Point[])[];
}

/** The outline, images and marks of a found sheet where the frame has them. */
export function overlayOf({ sheet, map, outline, markers }: FoundSheet): Overlay {
  const cells = sheet.cells.map(({ x, y, width, height }) =>
    rectangleCorners(x, y, width, height).map((corner) => toFrame(map, corner)),
  );
  return { outline, cells, markers: markers.map(({ corners }) => corners) };
}

/**
 * How far a sheet has moved between two frames: the farthest of its corners, in pixels. Infinite where they show
 * different sheets. A hand that holds still moves a sheet by one to three pixels a frame at 30 frames a second.
 */
export function movementBetween(before: FoundSheet, after: FoundSheet): number {
  if (before.sheet.run !== after.sheet.run || before.sheet.sheet !== after.sheet.sheet) return Infinity;
  return Math.max(
    ...after.outline.map(({ x, y }, i) => Math.hypot(x - before.outline[i]!.x, y - before.outline[i]!.y)),
  );
}

/** What one frame of a live view shows. */
export interface Look {
  readonly finding: Finding;
  /** Of the sheet that was found; null where none was. */
  readonly overlay: Overlay | null;
  readonly grade: CaptureGrade | null;
  /** Pixels since the frame before; null where either has no sheet. */
  readonly movement: number | null;
}

export interface LiveOptions {
  /** The sheets that may be shown: those of one run. */
  readonly sheets: readonly Sheet[];
  /** The camera, where it was calibrated. */
  readonly camera?: Camera | undefined;
}

/** Frames without a sheet from one thorough look to the next: small marks need one, and it takes twice the time. */
const thoroughEvery = 4;

/** A live view of sheets: follows one from frame to frame, and looks for it anew where it is lost. */
export interface LiveView {
  /** Throws `bad-image` for a frame that is none or too large. */
  look(image: ImageLike): Look;
}

/**
 * Opens a live view; loads OpenCV where it isn't yet.
 *
 * @throws at the first `look`: `bad-argument` for sheets of another dictionary.
 */
export async function openLiveView({ sheets, camera }: LiveOptions): Promise<LiveView> {
  const cv = await loadOpenCv();
  let previous: FoundSheet | undefined;
  let missed = 0;
  return {
    look(image) {
      const frame = frameOf(image);
      const quick = missed % thoroughEvery !== 0;
      const finding = findSheet(cv, frame, { sheets, camera, previous, quick });
      missed = finding.found ? 0 : missed + 1;
      if (!finding.found) {
        previous = undefined;
        return { finding, overlay: null, grade: null, movement: null };
      }
      const movement = previous === undefined ? null : movementBetween(previous, finding);
      previous = finding;
      return { finding, overlay: overlayOf(finding), grade: gradeCapture(frame, finding), movement };
    },
  };
}
