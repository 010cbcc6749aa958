import type { Sheet } from '../sheet/geometry.ts';
import { MARKERS_PER_SHEET } from '../sheet/layout.ts';
import { sideWidth } from './edge-width.ts';
import { locate, quadsOf, readMarkers, type Search } from './find.ts';
import type { NoSheet } from './finding.ts';
import type { Light } from './light.ts';
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
  const foreign = mostOfOneSheet(marks.filter(({ id }) => !sheets.some((sheet) => has(sheet, id))));
  if (foreign >= leastForeign && foreign > (most?.count ?? 0)) {
    return refused('foreign', 'a sheet is in the picture, but none of this run’s');
  }
  const blur = blurOf(search, quads);
  if (blur !== undefined) {
    const width = blur.toFixed(0);
    return refused(
      'blurred',
      `the picture is blurred (edges are ${width} px wide): hold still, and in focus`,
    );
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

/** Different marks that may be of one sheet, which has those of a block of the dictionary. */
function mostOfOneSheet(marks: readonly { readonly id: number }[]): number {
  const blocks = Map.groupBy(new Set(marks.map(({ id }) => id)), (id) => Math.floor(id / MARKERS_PER_SHEET));
  return Math.max(0, ...[...blocks.values()].map(({ length }) => length));
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

/** Dark shapes that it takes to say that a picture is blurred, rather than of nothing. */
const leastShapes = 4;
/** Width of edges beyond which marks may be lost: in pixels, and in shares of the frame's longer side. */
const wide = 4.5;
const wideShare = 1 / 280;
/** Longer side, in pixels, of the picture in which shapes are looked for that a long movement has smeared. */
const shrunkFor = 320;

/**
 * The width of edges, in pixels, where they are so wide that marks can't be read: the median over dark shapes of each
 * one's widest side, so that a movement counts, which leaves the sides along it sharp. Undefined where they are
 * sharp, or too few to tell.
 */
function blurOf(search: Search, quads: readonly (readonly Point[])[]): number | undefined {
  const { light, frame } = search;
  const longer = Math.max(frame.width, frame.height);
  let widths = widestSides(light, quads);
  if (widths.length < leastShapes) {
    widths = widestSides(light, quadsOf(search, Math.max(1, Math.round(longer / shrunkFor))));
  }
  if (widths.length < leastShapes) return undefined;
  const width = widths.sort((a, b) => a - b)[widths.length >> 1]!;
  return width > Math.max(wide, wideShare * longer) ? width : undefined;
}

function widestSides(light: Light, quads: readonly (readonly Point[])[]): number[] {
  return quads.flatMap((quad) => {
    const widths = quad.flatMap((corner, i) => sideWidth(light, corner, quad[(i + 1) % 4]!) ?? []);
    return widths.length < 3 ? [] : [Math.max(...widths)];
  });
}

function refused(reason: NoSheet['reason'], message: string): NoSheet {
  return { found: false, reason, message };
}
