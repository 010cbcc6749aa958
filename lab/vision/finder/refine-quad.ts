import { findEdge, stretchesOf } from './edges.ts';
import type { Light } from './light.ts';
import { isConvexClockwise, type Point } from './plane.ts';

interface Line {
  readonly x: number;
  readonly y: number;
  /** Unit vector along the line. */
  readonly dx: number;
  readonly dy: number;
}

/**
 * The corners of a dark quadrilateral where the lines through its sides meet, each fitted to the steepest places
 * across it: below a pixel where the sides are straight.
 *
 * @param reach how far the rough sides may be off, in pixels.
 * @returns undefined where a side is not there.
 */
export function refineQuad(light: Light, quad: readonly Point[], reach: number): Point[] | undefined {
  const lines = quad.map((corner, i) => sideLine(light, corner, quad[(i + 1) % 4]!, reach));
  const corners = lines.map((line, i) => {
    const before = lines[(i + 3) % 4];
    return line === undefined || before === undefined ? undefined : crossing(before, line);
  });
  if (!corners.every((corner) => corner !== undefined)) return undefined;
  const strayed = corners.some(
    (corner, i) => Math.hypot(corner.x - quad[i]!.x, corner.y - quad[i]!.y) > 2 * reach + 2,
  );
  return strayed || !isConvexClockwise(corners) ? undefined : corners;
}

function sideLine(light: Light, a: Point, b: Point, reach: number): Line | undefined {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const stretches = stretchesOf(a, b, Math.min(Math.max(Math.round(length / 3), 4), 6), 0.18 * length);
  const found = stretches.flatMap((stretch) => findEdge(light, stretch, reach) ?? []);
  if (found.length < Math.max(3, stretches.length / 2)) return undefined;
  const steepest = found.map(({ slope }) => slope).sort((p, q) => p - q)[Math.floor(found.length / 2)]!;
  const points = found.filter(({ slope }) => slope > 0.4 * steepest).map(({ point }) => point);
  if (points.length < 3) return undefined;
  const first = lineThrough(points);
  const off = points.map((p) => Math.abs((p.x - first.x) * first.dy - (p.y - first.y) * first.dx));
  const most = Math.max(0.4, 2.5 * [...off].sort((p, q) => p - q)[Math.floor(off.length / 2)]!);
  const kept = points.filter((_, i) => off[i]! <= most);
  return kept.length < 3 ? undefined : lineThrough(kept);
}

/** The line with the least sum of squared distances. */
function lineThrough(points: readonly Point[]): Line {
  const x = points.reduce((sum, p) => sum + p.x, 0) / points.length;
  const y = points.reduce((sum, p) => sum + p.y, 0) / points.length;
  let [xx, xy, yy] = [0, 0, 0];
  for (const p of points) {
    xx += (p.x - x) ** 2;
    xy += (p.x - x) * (p.y - y);
    yy += (p.y - y) ** 2;
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
  return { x, y, dx: Math.cos(angle), dy: Math.sin(angle) };
}

function crossing(one: Line, other: Line): Point | undefined {
  const sine = one.dx * other.dy - one.dy * other.dx;
  if (Math.abs(sine) < 0.1) return undefined;
  const along = ((other.x - one.x) * other.dy - (other.y - one.y) * other.dx) / sine;
  return { x: one.x + one.dx * along, y: one.y + one.dy * along };
}
