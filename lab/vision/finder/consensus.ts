import type { Marker, Sheet } from '../sheet/geometry.ts';
import {
  type Homography,
  homographyOf,
  isConvexClockwise,
  type Point,
  project,
  rectangleCorners,
} from './plane.ts';

/** A mark read in a frame: corners clockwise from the mark's own upper left. */
export interface ReadMarker {
  readonly id: number;
  readonly corners: readonly Point[];
  readonly score: number;
}

/** Marks of one sheet that lie as the sheet says, and the homography from mm that they agree on. */
export interface Consensus {
  readonly homography: Homography;
  readonly agreeing: readonly ReadMarker[];
}

/** How far a mark may lie from where the others put it, in shares of its side: first, and once all are used. */
const tolerances = [0.7, 0.5, 0.4] as const;

/**
 * The largest set of marks that one view of the sheet explains, found from every pair of them: two marks are eight
 * points. Undefined where no two agree.
 */
export function agree(sheet: Sheet, markers: readonly ReadMarker[]): Consensus | undefined {
  const places = new Map(sheet.markers.map((marker) => [marker.id, cornersOf(marker)]));
  const own = markers.filter(({ id }) => places.has(id));
  let best: Consensus | undefined;
  for (let i = 0; i < own.length; i++) {
    for (let j = i + 1; j < own.length; j++) {
      if (own[i]!.id === own[j]!.id) continue;
      const found = supportOf(places, own, [own[i]!, own[j]!]);
      if (found !== undefined && isBetter(found, best)) best = found;
    }
    // Marks are few and misreadings fewer: once most of them agree, no other pair does better.
    if (best !== undefined && best.agreeing.length > 0.8 * own.length && best.agreeing.length >= 4) break;
  }
  return best;
}

/** The corners of a mark on its sheet, in mm, clockwise from the upper left. */
export function cornersOf({ x, y, size }: Marker): Point[] {
  return rectangleCorners(x, y, size, size);
}

function isBetter(found: Consensus, best: Consensus | undefined): boolean {
  if (best === undefined) return true;
  const sum = (consensus: Consensus) => consensus.agreeing.reduce((total, { score }) => total + score, 0);
  return sum(found) > sum(best);
}

type Places = ReadonlyMap<number, readonly Point[]>;

function supportOf(
  places: Places,
  own: readonly ReadMarker[],
  pair: readonly ReadMarker[],
): Consensus | undefined {
  let agreeing: readonly ReadMarker[] = pair;
  let homography: Homography | undefined;
  for (const tolerance of tolerances) {
    homography = fitted(places, agreeing);
    if (homography === undefined) return undefined;
    agreeing = inliers(places, own, homography, tolerance);
    if (agreeing.length < 2) return undefined;
  }
  homography = fitted(places, agreeing);
  return homography === undefined ? undefined : { homography, agreeing };
}

function fitted(places: Places, markers: readonly ReadMarker[]): Homography | undefined {
  return homographyOf(
    markers.flatMap(({ id }) => places.get(id)!),
    markers.flatMap(({ corners }) => corners),
  );
}

/** One mark an id: the nearest to its place. */
function inliers(places: Places, own: readonly ReadMarker[], h: Homography, tolerance: number): ReadMarker[] {
  const nearest = new Map<number, { marker: ReadMarker; off: number }>();
  for (const marker of own) {
    const off = offPlace(h, places.get(marker.id)!, marker.corners);
    if (off <= tolerance && off < (nearest.get(marker.id)?.off ?? Infinity))
      nearest.set(marker.id, { marker, off });
  }
  return [...nearest.values()].map(({ marker }) => marker);
}

/** The largest distance of a mark's corners from where a homography puts them, in shares of its side. */
function offPlace(h: Homography, place: readonly Point[], corners: readonly Point[]): number {
  const expected = place.map(({ x, y }) => project(h, x, y));
  if (!isConvexClockwise(expected)) return Infinity;
  const side = corners.reduce((sum, a, i) => sum + distance(a, corners[(i + 1) % 4]!) / 4, 0);
  return Math.max(...expected.map((point, i) => distance(point, corners[i]!))) / side;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
