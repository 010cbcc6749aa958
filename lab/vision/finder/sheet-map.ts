import { inverted } from '@halftone/sdk/image';
import type { Sheet } from '../sheet/geometry.ts';
import { type Camera, distort, undistort } from './lens.ts';
import { type Homography, normalised, type Point, project } from './plane.ts';

/**
 * Where each place of a sheet lies in a frame. Plain data: it may be written as JSON or sent to a worker.
 *
 * Millimetres from the paper's upper left corner are first brought to about −1 to 1 about its middle, then shifted
 * by the bend, then sent through the homography, then through the lens.
 */
export interface SheetMap {
  readonly paper: { readonly width: number; readonly height: number };
  readonly homography: Homography;
  /** What bent paper and an unknown lens add: factors of `bendTerms` for x, then for y. Absent where flat. */
  readonly bend?: readonly number[];
  readonly camera?: Camera;
}

/** Factors that a bend has, for x and y together. */
export const bendSize = 14;

/** The quadratic and cubic terms of a place on the sheet. */
export function bendTerms(u: number, v: number): number[] {
  return [u * u, u * v, v * v, u * u * u, u * u * v, u * v * v, v * v * v];
}

/** Millimetres in a unit of the middled coordinates. */
export function unitOf(paper: SheetMap['paper']): number {
  return Math.max(paper.width, paper.height) / 2;
}

/** A place of the sheet, in mm, as a pixel of the frame. */
export function toFrame(map: SheetMap, { x, y }: Point): Point {
  const { u, v } = bentPlace(map, { x, y });
  const seen = project(map.homography, u, v);
  return map.camera === undefined ? seen : distort(map.camera, seen);
}

/** A place of the sheet in middled coordinates, shifted by the bend, and the bend's terms there (none where flat). */
export function bentPlace(map: SheetMap, { x, y }: Point): { u: number; v: number; terms: number[] } {
  const unit = unitOf(map.paper);
  const [u, v] = [(x - map.paper.width / 2) / unit, (y - map.paper.height / 2) / unit];
  if (map.bend === undefined) return { u, v, terms: [] };
  const terms = bendTerms(u, v);
  const [du, dv] = shiftOf(map.bend, terms);
  return { u: u + du, v: v + dv, terms };
}

/** The place of the sheet, in mm, that a pixel of the frame shows: the inverse of `toFrame`. */
export function toSheet(map: SheetMap, point: Point): Point {
  const unit = unitOf(map.paper);
  const seen = map.camera === undefined ? point : undistort(map.camera, point);
  const shifted = project(inverted(map.homography), seen.x, seen.y);
  let [u, v] = [shifted.x, shifted.y];
  if (map.bend !== undefined) {
    for (let i = 0; i < 20; i++) {
      const [du, dv] = shiftOf(map.bend, bendTerms(u, v));
      u = shifted.x - du;
      v = shifted.y - dv;
    }
  }
  return { x: u * unit + map.paper.width / 2, y: v * unit + map.paper.height / 2 };
}

function shiftOf(bend: readonly number[], terms: readonly number[]): [number, number] {
  let [du, dv] = [0, 0];
  for (let i = 0; i < terms.length; i++) {
    du += bend[i]! * terms[i]!;
    dv += bend[terms.length + i]! * terms[i]!;
  }
  return [du, dv];
}

/** The paper's corners in the frame, clockwise from the sheet's upper left. */
export function outlineOf(map: SheetMap): Point[] {
  const { width, height } = map.paper;
  return [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ].map((corner) => toFrame(map, corner));
}

/** Pixels of the frame a millimetre of the sheet takes at a place, along the two directions where it is most and least. */
export function scaleAt(map: SheetMap, { x, y }: Point): { most: number; least: number } {
  const h = 0.5;
  const [left, right] = [toFrame(map, { x: x - h, y }), toFrame(map, { x: x + h, y })];
  const [above, below] = [toFrame(map, { x, y: y - h }), toFrame(map, { x, y: y + h })];
  const [a, b] = [right.x - left.x, below.x - above.x];
  const [c, d] = [right.y - left.y, below.y - above.y];
  const [sum, difference] = [Math.hypot(a + d, c - b), Math.hypot(a - d, c + b)];
  return { most: (sum + difference) / 2, least: Math.abs(sum - difference) / 2 };
}

/** The map of a sheet of a size, from a homography on millimetres. */
export function flatMap(sheet: Pick<Sheet, 'paper'>, fromMm: Homography, camera?: Camera): SheetMap {
  const paper = { width: sheet.paper.width, height: sheet.paper.height };
  const unit = unitOf(paper);
  // Middled coordinates to mm, then on.
  const [a, b, c, d, e, f, g, h, i] = fromMm;
  const [x, y] = [paper.width / 2, paper.height / 2];
  const homography = normalised([
    a * unit,
    b * unit,
    a * x + b * y + c,
    d * unit,
    e * unit,
    d * x + e * y + f,
    g * unit,
    h * unit,
    g * x + h * y + i,
  ]);
  return camera === undefined ? { paper, homography } : { paper, homography, camera };
}
