import type { Marker } from '../sheet/geometry.ts';
import type { ReadMarker } from './consensus.ts';
import { cornersOf } from './consensus.ts';
import type { Light } from './light.ts';
import { allPatterns, identify, readCells } from './patterns.ts';
import { isConvexClockwise, type Point } from './plane.ts';
import { refineQuad } from './refine-quad.ts';
import { type SheetMap, toFrame } from './sheet-map.ts';

/** A mark at the place where the map of its sheet puts it. */
export interface CheckedMarker extends ReadMarker {
  /** Whether this mark, of the whole dictionary, is the one that the place looks like most. */
  readonly isRead: boolean;
}

/** Least correlation at which a place counts as read. Blurred marks of a sheet far away reach 0.7. */
const leastScore = 0.55;

/**
 * Marks of a sheet, those that lie in the frame, each looked at where the map puts it: which mark of the whole
 * dictionary does it look like? Marks covered, blurred or of another sheet are not read as their own.
 */
export function checkMarkers(
  light: Light,
  frame: { readonly width: number; readonly height: number },
  markers: readonly Marker[],
  map: SheetMap,
): CheckedMarker[] {
  return markers.flatMap((marker) => {
    const expected = cornersOf(marker).map((corner) => toFrame(map, corner));
    if (!isConvexClockwise(expected) || !expected.every((corner) => isInFrame(frame, corner))) return [];
    const corners = refineQuad(light, expected, reachOf(expected)) ?? expected;
    const cells = readCells(light, corners);
    if (cells === undefined) return [];
    const reading = identify(cells, allPatterns(), 0);
    const isRead = reading.id === marker.id && reading.score >= leastScore;
    return [{ id: marker.id, corners, score: reading.score, isRead }];
  });
}

function isInFrame({ width, height }: { width: number; height: number }, { x, y }: Point): boolean {
  return x >= 0 && y >= 0 && x <= width && y <= height;
}

/** How far a mark's sides may be from where the others put them: paper bends. */
function reachOf(corners: readonly Point[]): number {
  const side =
    corners.reduce(
      (sum, a, i) => sum + Math.hypot(a.x - corners[(i + 1) % 4]!.x, a.y - corners[(i + 1) % 4]!.y),
      0,
    ) / 4;
  return 1 + 0.12 * side;
}
