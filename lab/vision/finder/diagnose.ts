import type { Sheet } from '../sheet/geometry.ts';
import { locate, readMarkers, type Search } from './find.ts';
import type { NoSheet } from './finding.ts';
import { allPatterns, type Patterns } from './patterns.ts';
import type { Point } from './plane.ts';

/** Correlation beyond which a mark is surely one: no other square of a photograph reaches it. */
const sureScore = 0.85;
/** Marks of other sheets that make a foreign sheet. */
const leastForeign = 3;

/** Says why no known sheet was found, from the dark quadrilaterals that were. */
export function diagnose(search: Search, quads: readonly (readonly Point[])[], patterns: Patterns): NoSheet {
  const { frame, sheets } = search;
  if (isMirrored(search, quads, patterns)) {
    return refused('mirrored', 'the picture is mirrored: switch mirroring off in the camera’s settings');
  }
  const marks = readMarkers(search.light, quads, allPatterns()).filter(({ score }) => score >= sureScore);
  const own = sheets.flatMap((sheet) => {
    const count = marks.filter(({ id }) => sheet.markers.some((marker) => marker.id === id)).length;
    return count === 0 ? [] : [{ sheet, count }];
  });
  const most = own.sort((a, b) => b.count - a.count)[0];
  const foreign = marks.filter(({ id }) => !sheets.some((sheet) => has(sheet, id))).length;
  if (foreign >= leastForeign && foreign > (most?.count ?? 0)) {
    return refused('foreign', 'a sheet is in the picture, but none of this run’s');
  }
  if (most !== undefined) {
    const seen = most.count === 1 ? 'one mark' : `${most.count} marks`;
    return refused(
      'half',
      `only ${seen} of sheet ${most.sheet.sheet} can be seen: it is cut off, covered or too small`,
    );
  }
  return refused('none', `no sheet in the picture (${frame.width} × ${frame.height} pixels)`);
}

function has(sheet: Sheet, id: number): boolean {
  return sheet.markers.some((marker) => marker.id === id);
}

function isMirrored(search: Search, quads: readonly (readonly Point[])[], patterns: Patterns): boolean {
  const { width } = search.frame;
  const light = (x: number, y: number) => search.light(width - x, y);
  const { camera: _, ...rest } = search;
  const flipped = quads.map((quad) => quad.map(({ x, y }) => ({ x: width - x, y })).reverse());
  const mirror = { ...rest, light };
  return locate(mirror, readMarkers(light, flipped, patterns)) !== undefined;
}

function refused(reason: NoSheet['reason'], message: string): NoSheet {
  return { found: false, reason, message };
}
