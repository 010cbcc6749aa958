import { profileAcross, stretchesOf } from '../finder/edges.ts';
import type { FoundSheet } from '../finder/finding.ts';
import type { Light } from '../finder/light.ts';
import type { Point } from '../finder/plane.ts';

/** How wide the rim of one mark is seen, from 10 to 90% of the step in linear light, in pixels. */
export interface RimWidth {
  readonly id: number;
  /** Middle of the mark in the frame. */
  readonly place: Point;
  /** Across its left and right sides, and across its upper and lower ones. Undefined where nothing could be measured. */
  readonly across: number | undefined;
  readonly down: number | undefined;
}

/** 10 to 90% of a Gaussian's integral, in its standard deviations. */
const tenToNinety = 2.563;

/** The rims of the marks that were read. */
export function rimWidths(light: Light, { markers }: FoundSheet): RimWidth[] {
  return markers.map(({ id, corners }) => {
    const widths = corners.map((corner, i) => sideWidth(light, corner, corners[(i + 1) % 4]!));
    return {
      id,
      place: middleOf(corners),
      down: mean([widths[0], widths[2]]),
      across: mean([widths[1], widths[3]]),
    };
  });
}

/** A side's width from the white outside alone: inside, cells of the mark come before the black is reached. */
function sideWidth(light: Light, a: Point, b: Point): number | undefined {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  // The border is a seventh of the side, and the white round it at least as wide.
  const reach = Math.max(2, Math.min(0.2 * length, 24));
  const every = 0.25;
  const stretches = stretchesOf(a, b, Math.min(Math.max(Math.round(length / 8), 1), 6), 0.2 * length);
  const widths = stretches.flatMap(
    (stretch) => widthOf(profileAcross(light, stretch, reach, every), every, length / 7) ?? [],
  );
  return widths.length === 0 ? undefined : widths.sort((p, q) => p - q)[widths.length >> 1];
}

/** From the steepest slope, and the step from the darkest inside to the mean of the outermost. */
function widthOf(profile: Float64Array, every: number, cell: number): number | undefined {
  const middle = profile.length >> 1;
  const inside = Math.max(0, middle - Math.round(cell / every));
  const dark = Math.min(...profile.subarray(inside, middle + 1));
  const outer = profile.subarray(Math.floor(0.85 * profile.length));
  const bright = outer.reduce((sum, value) => sum + value, 0) / outer.length;
  const span = Math.round(0.5 / every);
  let steepest = 0;
  for (let i = inside; i + 2 * span < profile.length; i++) {
    steepest = Math.max(steepest, (profile[i + 2 * span]! - profile[i]!) / (2 * span * every));
  }
  const step = bright - dark;
  if (!(steepest > 0) || !(step > 0.02)) return undefined;
  const deviation = step / (steepest * Math.sqrt(2 * Math.PI));
  // What pixels, interpolation and the difference over a pixel add.
  return tenToNinety * Math.sqrt(Math.max(deviation * deviation - 0.25, 0.01));
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function middleOf(corners: readonly Point[]): Point {
  return {
    x: corners.reduce((sum, { x }) => sum + x, 0) / corners.length,
    y: corners.reduce((sum, { y }) => sum + y, 0) / corners.length,
  };
}
