import { type OpenCv, withMats } from '../opencv.ts';
import { type Contour, findContours } from './contours.ts';
import type { Grey } from './frame.ts';
import { doubleArea, isConvexClockwise, type Point } from './plane.ts';

/** Side of the square whose mean a pixel must lie below to be dark, in pixels. */
const thresholdWindow = 21;
/** How far below, in levels. */
const thresholdOffset = 7;
/** Shortest side of a mark that can be told from noise, and longest, in shares of the picture's longer side. */
const shortestSide = 6;
const longestSide = 0.35;

/**
 * Dark convex quadrilaterals in a grey picture: the outer contours of what is darker than its neighbourhood, where
 * four corners describe them. Corners go clockwise, to about a pixel.
 */
export function findQuads(cv: OpenCv, grey: Grey): Point[][] {
  if (Math.min(grey.width, grey.height) < shortestSide) return [];
  return withMats((keep) => {
    const picture = keep(new cv.Mat(grey.height, grey.width, cv.CV_8UC1));
    picture.data.set(grey.data);
    const dark = keep(new cv.Mat());
    cv.adaptiveThreshold(
      picture,
      dark,
      255,
      cv.ADAPTIVE_THRESH_MEAN_C,
      cv.THRESH_BINARY_INV,
      thresholdWindow,
      thresholdOffset,
    );
    const longest = longestSide * Math.max(grey.width, grey.height);
    const contours = findContours(dark.data, grey.width, grey.height, shortestSide, longest);
    return contours.map(quadOf).filter((quad) => quad !== undefined);
  });
}

/**
 * The four corners of a contour: the point farthest from its middle, the one farthest from that, and the farthest on
 * either side of the line between. Undefined where the contour strays from them, is a hole, or is too thin.
 */
function quadOf(points: Contour): Point[] | undefined {
  const area = areaOf(points);
  if (area < 0.6 * shortestSide * shortestSide) return undefined;
  const contour: Point[] = [];
  for (let i = 0; i < points.length; i += 2) contour.push({ x: points[i]!, y: points[i + 1]! });
  const middle = middleOf(points);
  const first = farthest(contour, (p) => (p.x - middle.x) ** 2 + (p.y - middle.y) ** 2);
  const third = farthest(contour, (p) => (p.x - first.x) ** 2 + (p.y - first.y) ** 2);
  const side = (p: Point) => (third.x - first.x) * (p.y - first.y) - (third.y - first.y) * (p.x - first.x);
  const second = farthest(contour, (p) => -side(p));
  const fourth = farthest(contour, side);
  const quad = [first, second, third, fourth];
  if (!isConvexClockwise(quad)) return undefined;
  const lengths = quad.map((p, i) => distance(p, quad[(i + 1) % 4]!));
  const shortest = Math.min(...lengths);
  if (shortest < 0.7 * shortestSide || Math.max(...lengths) > 5 * shortest) return undefined;
  const tolerance = Math.max(1.3, 0.09 * Math.sqrt(area));
  if (Math.abs(doubleArea(quad) / 2 / area - 1) > 0.35) return undefined;
  if (!contour.every((p) => distanceToRim(quad, p) <= tolerance)) return undefined;
  return grown(quad);
}

/** The area inside a contour; negative where it runs round a hole. */
function areaOf(points: Contour): number {
  let double = 0;
  let [x, y] = [points.at(-2) ?? 0, points.at(-1) ?? 0];
  for (let i = 0; i < points.length; i += 2) {
    const [nextX, nextY] = [points[i]!, points[i + 1]!];
    double += nextX * y - x * nextY;
    x = nextX;
    y = nextY;
  }
  return double / 2;
}

/** The middle of the box round a contour. */
function middleOf(points: Contour): Point {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

function farthest(contour: readonly Point[], measure: (point: Point) => number): Point {
  let best = contour[0]!;
  let most = -Infinity;
  for (const point of contour) {
    const value = measure(point);
    if (value > most) {
      most = value;
      best = point;
    }
  }
  return best;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Distance of a point from the nearest side of a quadrilateral. */
function distanceToRim(quad: readonly Point[], p: Point): number {
  let least = Infinity;
  for (let i = 0; i < 4; i++) {
    const [a, b] = [quad[i]!, quad[(i + 1) % 4]!];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const along = Math.min(Math.max(((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy), 0), 1);
    least = Math.min(least, Math.hypot(a.x + along * dx - p.x, a.y + along * dy - p.y));
  }
  return least;
}

/** Contours run through the middles of the outermost pixels: the edge is half a pixel farther out. */
function grown(quad: readonly Point[]): Point[] {
  const x = quad.reduce((sum, p) => sum + p.x, 0) / 4;
  const y = quad.reduce((sum, p) => sum + p.y, 0) / 4;
  return quad.map((p) => {
    const scale = 1 + 0.7 / Math.max(Math.hypot(p.x - x, p.y - y), 1);
    return { x: x + (p.x - x) * scale + 0.5, y: y + (p.y - y) * scale + 0.5 };
  });
}
