import { type Homography, inverted, projected } from '@halftone/sdk/image';
import { NormalEquations } from './linear.ts';

export type { Homography };

/** A point; in a picture, pixel (i, j) covers x from i to i + 1 and y from j to j + 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a homography sends a point. Infinite for points on the horizon. */
export function project(h: Homography, x: number, y: number): Point {
  const [u, v] = projected(h, x, y);
  return { x: u, y: v };
}

/** The map that first does `second`, then `first`. */
export function compose(first: Homography, second: Homography): Homography {
  const product = new Array<number>(9).fill(0);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      for (let i = 0; i < 3; i++) product[row * 3 + column]! += first[row * 3 + i]! * second[i * 3 + column]!;
    }
  }
  return nine(product);
}

/** The determinant: negative where the map mirrors (seen from the side where w is positive), 0 where it flattens. */
export function determinant([a, b, c, d, e, f, g, h, i]: Homography): number {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** The same map, its last entry 1. */
export function normalised(h: readonly number[]): Homography {
  return nine(h.map((value) => value / h[8]!));
}

/** Nine numbers as a homography. */
export function nine(values: readonly number[]): Homography {
  return values as unknown as Homography;
}

/**
 * The homography that sends each point of `from` nearest to its fellow in `to`, in the algebraic sense on normalised
 * coordinates (Hartley 1997), its last entry 1.
 *
 * @returns undefined where fewer than four points, or no four in general position, are given.
 */
export function homographyOf(from: readonly Point[], to: readonly Point[]): Homography | undefined {
  if (from.length < 4) return undefined;
  const [source, target] = [normalisation(from), normalisation(to)];
  if (source === undefined || target === undefined) return undefined;
  const sums = new NormalEquations(8);
  for (let i = 0; i < from.length; i++) {
    const { x, y } = project(source, from[i]!.x, from[i]!.y);
    const { x: u, y: v } = project(target, to[i]!.x, to[i]!.y);
    sums.add([x, y, 1, 0, 0, 0, -u * x, -u * y], u);
    sums.add([0, 0, 0, x, y, 1, -v * x, -v * y], v);
  }
  const solution = sums.solve();
  if (solution === undefined) return undefined;
  const between = nine([...solution, 1]);
  if (!(Math.abs(determinant(between)) > 1e-9)) return undefined;
  const h = compose(inverted(target), compose(between, source));
  return Math.abs(h[8]) > 1e-12 ? normalised(h) : undefined;
}

/** A shift and a scale that bring points to mean 0 and a mean distance of √2 from it. */
function normalisation(points: readonly Point[]): Homography | undefined {
  const n = points.length;
  const x = points.reduce((sum, point) => sum + point.x, 0) / n;
  const y = points.reduce((sum, point) => sum + point.y, 0) / n;
  const distance = points.reduce((sum, point) => sum + Math.hypot(point.x - x, point.y - y), 0) / n;
  if (!(distance > 0) || !Number.isFinite(distance)) return undefined;
  const scale = Math.SQRT2 / distance;
  return [scale, 0, -scale * x, 0, scale, -scale * y, 0, 0, 1];
}

/** Twice the signed area of a polygon: positive where its corners go clockwise as seen with y down. */
export function doubleArea(corners: readonly Point[]): number {
  let sum = 0;
  for (let i = 0; i < corners.length; i++) {
    const [a, b] = [corners[i]!, corners[(i + 1) % corners.length]!];
    sum += a.x * b.y - b.x * a.y;
  }
  return sum;
}

/** Whether a quadrilateral is convex, with its corners clockwise as seen with y down. */
export function isConvexClockwise(corners: readonly Point[]): boolean {
  return corners.every((b, i) => {
    const a = corners[(i + corners.length - 1) % corners.length]!;
    const c = corners[(i + 1) % corners.length]!;
    return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x) > 0;
  });
}

/** The corners of a rectangle, clockwise from the upper left. */
export function rectangleCorners(x: number, y: number, width: number, height: number): Point[] {
  return [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ];
}
