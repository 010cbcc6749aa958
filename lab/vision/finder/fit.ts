import { type EdgePoint, findEdge, stretchesOf } from './edges.ts';
import { type Camera, distort } from './lens.ts';
import type { Light } from './light.ts';
import { NormalEquations } from './linear.ts';
import { nine, type Point } from './plane.ts';
import { bendSize, bentPlace, type SheetMap, toFrame } from './sheet-map.ts';

/** A mark in the frame: its corners on the sheet in mm, and where they are about in the frame, both clockwise. */
export interface SeenMarker {
  readonly onSheet: readonly Point[];
  readonly inFrame: readonly Point[];
}

/** A place on the rim of a mark that was seen in the frame. */
interface Observation {
  readonly onSheet: Point;
  readonly inFrame: Point;
  /** Outward in the frame. */
  readonly outX: number;
  readonly outY: number;
}

/** A map fitted to the rims of marks. */
export interface Fit {
  readonly map: SheetMap;
  /** How far outward of the truth the rims are seen, in pixels: what ink that spreads and blur do. */
  readonly offset: number;
  /** Root mean square distance of rims from where the map puts them, in pixels, strays left out. */
  readonly residual: number;
}

/** Numbers that a flat fit finds: eight of the homography and the offset. */
const flatSize = 9;
/** How far paper bends, in units of the middled coordinates: a weak prior that keeps what nothing shows at zero. */
const bendPrior = 0.02;

/** Marks that a bend needs, and the residual in pixels below which nothing is worth bending for. */
const leastForBend = 6;
const leastToBend = 0.05;

/**
 * Fits the map to the rims of all marks together, least squares on the distances across them with strays weighed
 * down; the bend only where the rims ask for it. One offset for all rims is fitted too: ink spreads and light eats.
 *
 * @param start about right; its camera is kept.
 * @returns undefined where the rims don't determine the map.
 */
export function fitMap(light: Light, markers: readonly SeenMarker[], start: SheetMap): Fit | undefined {
  const seen = markers.flatMap((marker) => observe(light, marker));
  if (seen.length < 2 * flatSize) return undefined;
  const { bend: _, ...flatStart } = start;
  const flat = iterate(seen, { map: flatStart, offset: 0, residual: Infinity }, false);
  if (flat === undefined || markers.length < leastForBend || flat.residual < leastToBend) return flat;
  const bent = iterate(
    seen,
    { ...flat, map: { ...flat.map, bend: start.bend ?? new Array(bendSize).fill(0) } },
    true,
  );
  return bent !== undefined && isWorthIt(flat, bent, markers.length) ? bent : flat;
}

/** The Bayesian information criterion, each side of a mark counted as one observation. */
function isWorthIt(flat: Fit, bent: Fit, markers: number): boolean {
  const sides = 4 * markers;
  return 2 * sides * Math.log(flat.residual / bent.residual) > bendSize * Math.log(sides);
}

function observe(light: Light, { onSheet, inFrame }: SeenMarker): Observation[] {
  const all: (Observation & EdgePoint)[] = [];
  for (let i = 0; i < 4; i++) {
    const [a, b] = [inFrame[i]!, inFrame[(i + 1) % 4]!];
    const [from, to] = [onSheet[i]!, onSheet[(i + 1) % 4]!];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const reach = 1.5 + 0.04 * length;
    const stretches = stretchesOf(a, b, Math.min(Math.max(Math.round(length / 4), 3), 8), 0.15 * length);
    stretches.forEach((stretch, k) => {
      const edge = findEdge(light, stretch, reach);
      if (edge === undefined) return;
      const along = 0.15 + (0.7 * (k + 0.5)) / stretches.length;
      const place = { x: from.x + (to.x - from.x) * along, y: from.y + (to.y - from.y) * along };
      all.push({ ...edge, onSheet: place, inFrame: edge.point, outX: stretch.outX, outY: stretch.outY });
    });
  }
  const steepest = Math.max(...all.map(({ slope }) => slope));
  return all.filter(({ slope }) => slope > 0.3 * steepest);
}

/** Gauss-Newton steps at most. */
const rounds = 8;

function iterate(seen: readonly Observation[], start: Fit, bends: boolean): Fit | undefined {
  let fit = start;
  let residuals = residualsOf(fit, seen);
  for (let round = 0; round < rounds; round++) {
    const step = gaussNewtonStep(seen, fit, residuals, bends);
    if (step === undefined) return undefined;
    const next = moved(fit, step);
    residuals = residualsOf(next, seen);
    const residual = spreadOf(residuals);
    if (!Number.isFinite(residual)) return undefined;
    const before = fit.residual;
    fit = { ...next, residual };
    if (round > 1 && Math.abs(before - residual) < 1e-3 * before) break;
  }
  return fit;
}

/** Pixels outward that a rim is seen beyond where the fit puts it. */
function residualOf({ map, offset }: Pick<Fit, 'map' | 'offset'>, one: Observation): number {
  const { x, y } = toFrame(map, one.onSheet);
  return (one.inFrame.x - x) * one.outX + (one.inFrame.y - y) * one.outY - offset;
}

function residualsOf(fit: Pick<Fit, 'map' | 'offset'>, seen: readonly Observation[]): Float64Array {
  return Float64Array.from(seen, (one) => residualOf(fit, one));
}

/** The standard deviation as the median tells it; never below what sampling alone does. */
function spreadOf(residuals: Float64Array): number {
  const sizes = residuals.map(Math.abs).sort();
  return Math.max(1.4826 * (sizes[Math.floor(sizes.length / 2)] ?? 0), 0.02);
}

function gaussNewtonStep(
  seen: readonly Observation[],
  fit: Fit,
  residuals: Float64Array,
  bends: boolean,
): Float64Array | undefined {
  const spread = spreadOf(residuals);
  const size = bends ? flatSize + bendSize : flatSize;
  const sums = new NormalEquations(size);
  const gradient = new Float64Array(size);
  // Tukey's biweight: what strays farther than this says nothing.
  const cut = 4.685 * spread;
  seen.forEach((one, i) => {
    const ratio = residuals[i]! / cut;
    if (Math.abs(ratio) >= 1) return;
    derive(fit.map, one, gradient);
    sums.add(gradient, residuals[i]!, (1 - ratio * ratio) ** 2);
  });
  if (bends) addPrior(sums, fit, spread);
  return sums.solve();
}

function addPrior(sums: NormalEquations, { map }: Fit, spread: number): void {
  const weight = (spread / bendPrior) ** 2;
  for (let i = 0; i < bendSize; i++) {
    const unit = new Float64Array(sums.size);
    unit[flatSize + i] = 1;
    sums.add(unit, -map.bend![i]!, weight);
  }
}

/** How far outward the place where a rim is predicted moves with each number of the fit. */
function derive(map: SheetMap, one: Observation, gradient: Float64Array): void {
  const { u, v, terms } = bentPlace(map, one.onSheet);
  const [a, b, c, d, e, f, g, h, i] = map.homography;
  const w = g * u + h * v + i;
  const [x, y] = [(a * u + b * v + c) / w, (d * u + e * v + f) / w];
  const [outX, outY] =
    map.camera === undefined ? [one.outX, one.outY] : throughLens(map.camera, { x, y }, one);
  const [nx, ny] = [outX / w, outY / w];
  const down = -(nx * x + ny * y);
  gradient.set([nx * u, nx * v, nx, ny * u, ny * v, ny, down * u, down * v, 1]);
  if (gradient.length === flatSize) return;
  const alongU = nx * a + ny * d + down * g;
  const alongV = nx * b + ny * e + down * h;
  terms.forEach((term, k) => {
    gradient[flatSize + k] = alongU * term;
    gradient[flatSize + terms.length + k] = alongV * term;
  });
}

/** Outward before the lens: what a step there does outward behind it. */
function throughLens(camera: Camera, { x, y }: Point, { outX, outY }: Observation): [number, number] {
  const here = distort(camera, { x, y });
  const right = distort(camera, { x: x + 1, y });
  const below = distort(camera, { x, y: y + 1 });
  return [
    (right.x - here.x) * outX + (right.y - here.y) * outY,
    (below.x - here.x) * outX + (below.y - here.y) * outY,
  ];
}

function moved(fit: Fit, step: Float64Array): Fit {
  const homography = nine(fit.map.homography.map((value, i) => (i < 8 ? value + step[i]! : value)));
  const bend = fit.map.bend?.map((value, i) => value + step[flatSize + i]!);
  const map = bend === undefined ? { ...fit.map, homography } : { ...fit.map, homography, bend };
  return { map, offset: fit.offset + step[flatSize - 1]!, residual: fit.residual };
}
