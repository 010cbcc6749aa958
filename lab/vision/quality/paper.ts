import { channelsOf, type Frame, linearLight } from '../finder/frame.ts';
import { isInside } from '../finder/light.ts';
import { NormalEquations } from '../finder/linear.ts';
import type { Point } from '../finder/plane.ts';
import { type SheetMap, scaleAt, toFrame, unitOf } from '../finder/sheet-map.ts';
import type { Rectangle, Sheet } from '../sheet/geometry.ts';
import { CAPTION_HEIGHT, legendArea } from '../sheet/layout.ts';

/** Linear light of three channels. */
export type Light3 = readonly [red: number, green: number, blue: number];

/** The bare paper of a sheet as a frame has it. */
export interface PaperLight {
  /** What white paper sends back at a place of the sheet (mm), in linear light of the frame, 0 to 1. */
  readonly at: (place: Point) => Light3;
  /** Median level of its brightest channel, 0 to 255. */
  readonly level: number;
  /** Share of the paper where a channel is full. */
  readonly clipped: number;
}

/** mm between places where paper is looked at. */
const spacing = 4;
/** Least distance of such a place from whatever is printed: in mm, and in pixels against blur. */
const clearMm = 1.2;
const clearPixels = 2.5;
/** A channel at this level or above is full. */
const fullLevel = 252;

/**
 * The light of the bare paper, from the places of the sheet where nothing is printed: a smooth surface (quadratic in
 * the logarithm of light) for each channel, glare and shadows of things left out. Undefined where too little bare
 * paper is seen.
 */
export function paperLight(
  frame: Frame,
  { sheet, map }: { sheet: Sheet; map: SheetMap },
): PaperLight | undefined {
  const seen = barePlaces(sheet, map).flatMap((place) => {
    const pixel = toFrame(map, place);
    return isInside(frame, pixel, 1) ? [{ place, levels: levelsAt(frame, pixel) }] : [];
  });
  if (seen.length < 20) return undefined;
  const brightest = Float64Array.from(seen, ({ levels }) => Math.max(...levels)).sort();
  const clipped = brightest.filter((level) => level >= fullLevel).length / seen.length;
  const terms = seen.map(({ place }) => termsAt(map, place));
  const [red, green, blue] = [0, 1, 2].map((c) =>
    surfaceOf(
      terms,
      Float64Array.from(seen, ({ levels }) => levels[c]!),
    ),
  ) as [Float64Array, Float64Array, Float64Array];
  const at = (place: Point): Light3 => {
    const here = termsAt(map, place);
    return [Math.exp(dot(red, here)), Math.exp(dot(green, here)), Math.exp(dot(blue, here))];
  };
  return { at, level: brightest[brightest.length >> 1]!, clipped };
}

/** A place on a sheet, and how far it is from the nearest print; mm. */
interface Blank extends Point {
  readonly away: number;
}

/** Of the sheets seen last: a live view asks for them in every frame. */
const blanks = new WeakMap<Sheet, readonly Blank[]>();

/** Places on a grid with nothing printed near. */
function barePlaces(sheet: Sheet, map: SheetMap): Blank[] {
  const { width, height } = sheet.paper;
  const scale = scaleAt(map, { x: width / 2, y: height / 2 }).least;
  const clear = Math.max(clearMm, clearPixels / Math.max(scale, 0.1));
  let places = blanks.get(sheet);
  if (places === undefined) {
    places = blanksOf(sheet);
    blanks.set(sheet, places);
  }
  return places.filter(({ away }) => away >= clear);
}

function blanksOf(sheet: Sheet): Blank[] {
  const { width, height } = sheet.paper;
  const printed = printedAreas(sheet);
  const places: Blank[] = [];
  for (let y = spacing; y < height; y += spacing) {
    for (let x = spacing; x < width; x += spacing) {
      const away = Math.min(...printed.map((area) => distanceTo(area, x, y)));
      if (away >= clearMm) places.push({ x, y, away });
    }
  }
  return places;
}

function printedAreas(sheet: Sheet): Rectangle[] {
  const squares = [...sheet.markers, ...(sheet.qr === undefined ? [] : [sheet.qr])];
  return [
    ...squares.map(({ x, y, size }) => ({ x, y, width: size, height: size })),
    ...sheet.patches.filter(({ kind }) => kind !== 'paper'),
    // Beneath an image stands its caption.
    ...sheet.cells.map((cell) => ({ ...cell, height: cell.height + CAPTION_HEIGHT })),
    legendArea(sheet),
  ];
}

function distanceTo({ x, y, width, height }: Rectangle, px: number, py: number): number {
  return Math.hypot(Math.max(x - px, px - x - width, 0), Math.max(y - py, py - y - height, 0));
}

/** Mean levels of the pixels about a point. */
export function levelsAt(frame: Frame, { x, y }: Point): [number, number, number] {
  const channels = channelsOf(frame);
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let j = Math.max(row - 1, 0); j <= Math.min(row + 1, frame.height - 1); j++) {
    for (let i = Math.max(column - 1, 0); i <= Math.min(column + 1, frame.width - 1); i++) {
      const at = (j * frame.width + i) * channels;
      for (let c = 0; c < 3; c++) sum[c]! += frame.data[at + c]!;
      count += 1;
    }
  }
  return sum.map((value) => value / count) as [number, number, number];
}

type Terms = readonly [number, number, number, number, number, number];

function termsAt(map: SheetMap, { x, y }: Point): Terms {
  const unit = unitOf(map.paper);
  const u = (x - map.paper.width / 2) / unit;
  const v = (y - map.paper.height / 2) / unit;
  return [1, u, v, u * u, u * v, v * v];
}

function dot(factors: Float64Array, [a, b, c, d, e, f]: Terms): number {
  return (
    factors[0]! * a + factors[1]! * b + factors[2]! * c + factors[3]! * d + factors[4]! * e + factors[5]! * f
  );
}

/** Rounds of weighing strays down, and the change of the factors below which there is nothing left to do. */
const rounds = 6;
const settled = 1e-4;

/** Factors of the terms for the logarithm of light, strays weighed down (Tukey). */
function surfaceOf(terms: readonly Terms[], levels: Float64Array): Float64Array {
  const logs = levels.map((level) => Math.log(Math.max(linearLight[Math.round(level)]!, 1e-4)));
  let factors = new Float64Array(6);
  factors[0] = logs.slice().sort()[logs.length >> 1]!;
  for (let round = 0; round < rounds; round++) {
    const next = fitted(terms, logs, factors);
    if (next === undefined) break;
    const change = Math.max(...next.map((factor, i) => Math.abs(factor - factors[i]!)));
    factors = next;
    if (change < settled) break;
  }
  return factors;
}

function fitted(
  terms: readonly Terms[],
  logs: Float64Array,
  factors: Float64Array,
): Float64Array<ArrayBuffer> | undefined {
  const off = logs.map((log, i) => log - dot(factors, terms[i]!));
  const spread = Math.max(1.4826 * (off.map(Math.abs).sort()[off.length >> 1] ?? 0), 0.01);
  const sums = new NormalEquations(6);
  for (let i = 0; i < off.length; i++) {
    const ratio = off[i]! / (4.685 * spread);
    if (Math.abs(ratio) < 1) sums.add(terms[i]!, logs[i]!, (1 - ratio * ratio) ** 2);
  }
  // A weak pull to even light, where too little paper is seen to tell.
  for (let k = 1; k < 6; k++) {
    const unit = [0, 0, 0, 0, 0, 0];
    unit[k] = 1;
    sums.add(unit, 0, 0.01);
  }
  const solution = sums.solve();
  return solution === undefined ? undefined : new Float64Array(solution);
}
