import type { Random } from '@halftone/sdk';
import type { Raster } from '../raster.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { drawDesk } from './desk.ts';
import { invert } from './inverse-map.ts';
import { lightMapOf } from './lighting.ts';
import { type Print, printSheet } from './print.ts';
import { type Point, type Projection, projectionOf } from './projection.ts';
import { renderLight } from './render.ts';
import { photograph } from './sensor.ts';
import type { CameraSettings, ChannelSettings, View } from './settings.ts';

/** Where things really are in a simulated frame. */
export interface Truth {
  /** Where a place on the paper, in mm, is seen, in pixels from the frame's upper left corner. */
  readonly toPixels: Projection['toPixels'];
  /** The corners of each fiducial and cell in the sheet's order: upper left, upper right, lower right, lower left. */
  readonly markers: readonly (readonly Point[])[];
  readonly cells: readonly (readonly Point[])[];
}

/** A simulated photograph. */
export interface Capture {
  readonly frame: Raster;
  readonly truth: Truth;
}

/**
 * A photograph of a printed sheet on a desk. About a second for 1920 × 1080 pixels.
 *
 * @param print from `printSheet`; its pixels should be a little finer than the frame's at the sheet.
 */
export function capture(
  print: Print,
  sheet: Sheet,
  camera: CameraSettings,
  view: View,
  random: Random,
): Capture {
  const { paper } = sheet;
  const projection = projectionOf(paper, camera, view);
  const map = invert(projection, camera.width, camera.height, [paper.width / 2, paper.height / 2]);
  const light = lightMapOf(map, paper, camera, view);
  const desk = drawDesk(random.derive('desk'));
  const seen = renderLight({ paper, print: print.pyramid, desk, map, light }, camera.width, camera.height);
  const frame = photograph(seen, camera, view, print.white, random.derive('sensor'));
  return { frame, truth: truthOf(sheet, projection) };
}

/**
 * Prints a sheet's picture and photographs it once: `printSheet` and `capture` in one. To take several photographs,
 * print once.
 *
 * @param picture from `renderSheet`.
 * @param pixelsPerMm as it was rendered with.
 */
export function simulateCapture(
  picture: Raster,
  pixelsPerMm: number,
  sheet: Sheet,
  { printer, camera, view }: ChannelSettings,
  random: Random,
): Capture {
  const print = printSheet(picture, pixelsPerMm, printer, random.derive('print'));
  return capture(print, sheet, camera, view, random);
}

function truthOf({ markers, cells }: Sheet, { toPixels }: Projection): Truth {
  const corners = (x: number, y: number, width: number, height: number): Point[] => [
    toPixels(x, y),
    toPixels(x + width, y),
    toPixels(x + width, y + height),
    toPixels(x, y + height),
  ];
  return {
    toPixels,
    markers: markers.map(({ x, y, size }) => corners(x, y, size, size)),
    cells: cells.map(({ x, y, width, height }) => corners(x, y, width, height)),
  };
}
