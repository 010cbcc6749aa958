import type { Random } from '@halftone/sdk';
import type { Raster } from '../raster.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { renderSheet } from '../sheet/render.ts';
import { type Capture, capture } from './capture.ts';
import { printSheet } from './print.ts';
import type { CameraSettings, Printer, View } from './settings.ts';
import { drawView, type ViewRanges } from './views.ts';

/** What a sheet is printed with, and photographed with and from where. */
export interface Studio {
  readonly printer: Printer;
  readonly camera: CameraSettings;
  readonly ranges: ViewRanges;
}

/** A simulated photograph, and how it was taken. */
export interface Shot extends Capture {
  readonly view: View;
}

/** Least pixels of the print for each mm of paper. */
const leastPixelsPerMm = 8;

/**
 * Prints a sheet; each call of what it gives photographs that print once, from where the call's generator says.
 *
 * @param pictures of the sheet's cells, in their order.
 * @param random of the print.
 */
export function printToShoot(
  sheet: Sheet,
  pictures: readonly Raster[],
  { printer, camera, ranges }: Studio,
  random: Random,
): (shot: Random) => Shot {
  // Finer than the camera sees the paper, so that what is lost is lost by printer and lens.
  const pixelsPerMm = Math.max(leastPixelsPerMm, (1.5 * camera.height) / sheet.paper.height);
  const print = printSheet(renderSheet(sheet, pictures, pixelsPerMm), pixelsPerMm, printer, random);
  return (shot) => {
    const view = drawView(sheet.paper, camera, ranges, shot.derive('view'));
    return { ...capture(print, sheet, camera, view, shot.derive('camera')), view };
  };
}
