import { HalftoneError } from '@halftone/sdk/errors';
import type { OpenCv } from '../opencv.ts';
import { DICTIONARY } from '../sheet/dictionary.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { agree, cornersOf, type ReadMarker } from './consensus.ts';
import { diagnose } from './diagnose.ts';
import type { Finding, FindOptions, FoundSheet, NoSheet } from './finding.ts';
import { type Fit, fitMap } from './fit.ts';
import { checkFrame, type Frame, shrinkToGrey } from './frame.ts';
import { type Camera, scaleCamera, undistort } from './lens.ts';
import { isInside, type Light, lightOf } from './light.ts';
import { identify, type Patterns, patternsOf, readCells } from './patterns.ts';
import type { Point } from './plane.ts';
import { findQuads } from './quads.ts';
import { refineQuad } from './refine-quad.ts';
import { checkRun } from './run-check.ts';
import { flatMap, outlineOf, type SheetMap, toFrame } from './sheet-map.ts';
import { type CheckedMarker, checkMarkers } from './verify.ts';

/** Marks that must be read where the sheet's map has them before anybody is told that it is this sheet. */
const leastMarkers = 3;
/** Longer side of the picture that marks are first looked for in, in pixels. */
const searchSize = 960;
/** Least correlation of a mark that may take part in the vote, and its least lead over the next. */
const leastScore = 0.6;
const leastLead = 0.06;

/** What looking for sheets works on. */
export interface Search {
  readonly cv: OpenCv;
  readonly frame: Frame;
  readonly light: Light;
  readonly sheets: readonly Sheet[];
  readonly camera?: Camera;
}

/**
 * Finds which of the known sheets a frame shows, and where each place of it lies. One sheet, whole (every image of it
 * inside the frame), not mirrored; marks may be covered while enough remain. What can't be used is refused with the
 * reason. A sheet is named only when at least three of its marks, of the whole dictionary, are read at their places.
 *
 * @throws `bad-image` for a frame that is none or too large, `bad-argument` for sheets of another dictionary.
 */
export function findSheet(cv: OpenCv, frame: Frame, options: FindOptions): Finding {
  checkFrame(frame);
  checkSheets(options.sheets);
  const camera = options.camera && scaleCamera(options.camera, frame.width, frame.height);
  const { sheets, previous } = options;
  const search: Search = { cv, frame, light: lightOf(frame), sheets, ...(camera && { camera }) };
  const tracked = previous === undefined ? undefined : follow(search, previous);
  if (tracked !== undefined) return judge(search, tracked, []);
  const patterns = patternsOf(sheets.flatMap(({ markers }) => markers.map(({ id }) => id)));
  let quads: Point[][] = [];
  for (const factor of shrinkFactors(frame, options.quick)) {
    const seen = quadsOf(search, factor);
    const markers = readMarkers(search.light, seen, patterns);
    const found = locate(search, markers);
    if (found !== undefined) return judge(search, found, markers);
    quads = [...quads, ...seen.filter((quad) => !quads.some((known) => isSamePlace(known, quad, 0.3)))];
  }
  return diagnose(search, quads, patterns);
}

function checkSheets(sheets: readonly Sheet[]): void {
  const other = sheets.find(({ dictionary }) => dictionary !== DICTIONARY);
  if (other === undefined) return;
  throw new HalftoneError(
    'bad-argument',
    `sheet ${other.sheet} of ${other.run} has marks of ${other.dictionary}; only those of ${DICTIONARY} can be found`,
  );
}

/**
 * By how much the frame is shrunk to look for marks: first for speed; where that fails, more against blur and noise;
 * then less, for small marks.
 */
function shrinkFactors({ width, height }: Frame, quick = false): number[] {
  const first = Math.max(1, Math.round(Math.max(width, height) / searchSize));
  return quick || first === 1 ? [first, 2 * first] : [first, 2 * first, Math.ceil(first / 2)];
}

/** Dark quadrilaterals of a frame with corners below a pixel. */
export function quadsOf(
  { cv, frame, light }: Pick<Search, 'cv' | 'frame' | 'light'>,
  factor: number,
): Point[][] {
  return findQuads(cv, shrinkToGrey(frame, factor)).flatMap((quad) => {
    const rough = quad.map(({ x, y }) => ({ x: x * factor, y: y * factor }));
    const refined = refineQuad(light, rough, 1 + factor);
    return refined === undefined ? [] : [refined];
  });
}

/** The quadrilaterals that read as one of some marks, corners in the mark's own order. */
export function readMarkers(
  light: Light,
  quads: readonly (readonly Point[])[],
  patterns: Patterns,
): ReadMarker[] {
  return quads.flatMap((quad) => {
    const cells = readCells(light, quad);
    if (cells === undefined) return [];
    const { id, turn, score, lead } = identify(cells, patterns);
    if (score < leastScore || lead < leastLead) return [];
    return [{ id, score, corners: quad.map((_, i) => quad[(i + turn) % 4]!) }];
  });
}

/** A sheet, where it lies and the marks that say so. */
export interface Located {
  readonly sheet: Sheet;
  readonly fit: Fit;
  readonly checked: readonly CheckedMarker[];
}

/** The sheet that most marks vote for, if they are enough. */
export function locate(search: Search, markers: readonly ReadMarker[]): Located | undefined {
  const { sheets, camera } = search;
  const straight = camera === undefined ? markers : markers.map((marker) => straightened(marker, camera));
  const votes = sheets
    .flatMap((sheet) => {
      const consensus = agree(sheet, straight);
      return consensus === undefined ? [] : [{ sheet, consensus }];
    })
    .sort((a, b) => b.consensus.agreeing.length - a.consensus.agreeing.length);
  for (const { sheet, consensus } of votes) {
    const located = settle(search, sheet, flatMap(sheet, consensus.homography, camera));
    if (located !== undefined) return located;
  }
  return undefined;
}

function straightened(marker: ReadMarker, camera: Camera): ReadMarker {
  return { ...marker, corners: marker.corners.map((corner) => undistort(camera, corner)) };
}

/** Fits a sheet's map to its marks; once more where the better map finds marks that the first one missed. */
function settle({ light, frame }: Search, sheet: Sheet, start: SheetMap): Located | undefined {
  const first = checkMarkers(light, frame, sheet.markers, start);
  const located = fitted(light, sheet, first, start);
  if (located === undefined) return undefined;
  const read = first.filter(({ isRead }) => isRead);
  const missed = sheet.markers.filter((marker) => !read.some(({ id }) => id === marker.id));
  const second = checkMarkers(light, frame, missed, located.fit.map);
  const checked = [...read, ...second];
  if (!second.some(({ isRead }) => isRead)) return { ...located, checked };
  return fitted(light, sheet, checked, located.fit.map);
}

function fitted(
  light: Light,
  sheet: Sheet,
  checked: readonly CheckedMarker[],
  start: SheetMap,
): Located | undefined {
  const places = new Map(sheet.markers.map((marker) => [marker.id, cornersOf(marker)]));
  const read = checked.filter(({ isRead }) => isRead);
  if (read.length < leastMarkers) return undefined;
  const seen = read.map(({ id, corners }) => ({ onSheet: places.get(id)!, inFrame: corners }));
  const fit = fitMap(light, seen, start);
  return fit === undefined ? undefined : { sheet, fit, checked };
}

/** The sheet of the frame before, where it has hardly moved. */
function follow(search: Search, previous: FoundSheet): Located | undefined {
  const sheet = search.sheets.find(
    ({ run, sheet: number }) => run === previous.sheet.run && number === previous.sheet.sheet,
  );
  if (sheet === undefined) return undefined;
  const located = settle(search, sheet, previous.map);
  const enough = Math.max(leastMarkers, Math.ceil(0.6 * previous.markers.length));
  return located !== undefined && located.checked.filter(({ isRead }) => isRead).length >= enough
    ? located
    : undefined;
}

/** What is said of a sheet that was located: it is whole and alone, or why it can't be used. */
function judge(search: Search, { sheet, fit, checked }: Located, markers: readonly ReadMarker[]): Finding {
  const { map, residual, offset } = fit;
  const outline = outlineOf(map);
  const outside = sheet.cells.filter((cell) => !isCellInside(search.frame, map, cell)).length;
  if (outside > 0) {
    return refused(
      'half',
      `sheet ${sheet.sheet} is cut off: ${outside} of its ${sheet.cells.length} images lie outside the picture`,
      outline,
    );
  }
  const others = markers.filter(({ corners }) => !isAtPlace(checked, corners));
  const second = locate(search, others);
  if (second !== undefined) {
    return refused(
      'two',
      `two sheets are in the picture, ${sheet.sheet} and ${second.sheet.sheet}: show one at a time`,
      outline,
    );
  }
  const run = checkRun(search.light, sheet, map);
  if (run === 'contradicted') {
    return refused(
      'foreign',
      `a sheet of another run: its marks are those of sheet ${sheet.sheet}, its QR code is not`,
      outline,
    );
  }
  const read = checked
    .filter(({ isRead }) => isRead)
    .map(({ id, corners, score }) => ({ id, corners, score }));
  return {
    found: true,
    sheet,
    map,
    markers: read,
    outline,
    residual,
    rimOffset: offset,
    isConfirmed: run === 'confirmed',
  };
}

function refused(reason: NoSheet['reason'], message: string, outline: readonly Point[]): NoSheet {
  return { found: false, reason, message, outline };
}

function isCellInside(frame: Frame, map: SheetMap, { x, y, width, height }: Sheet['cells'][number]): boolean {
  return [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ].every((corner) => isInside(frame, toFrame(map, corner)));
}

/** Whether a mark is one of those that the located sheet has at their places. */
function isAtPlace(checked: readonly CheckedMarker[], corners: readonly Point[]): boolean {
  return checked.some((own) => isSamePlace(own.corners, corners, 1));
}

/** Whether the middles of two quadrilaterals are nearer than a share of the first one's diagonal. */
function isSamePlace(one: readonly Point[], other: readonly Point[], share: number): boolean {
  const [a, b] = [middleOf(one), middleOf(other)];
  const across = Math.hypot(one[0]!.x - one[2]!.x, one[0]!.y - one[2]!.y);
  return Math.hypot(a.x - b.x, a.y - b.y) < share * across;
}

function middleOf(corners: readonly Point[]): Point {
  return {
    x: corners.reduce((sum, { x }) => sum + x, 0) / corners.length,
    y: corners.reduce((sum, { y }) => sum + y, 0) / corners.length,
  };
}
