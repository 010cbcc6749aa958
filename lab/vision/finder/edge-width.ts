import { profileAcross, stretchesOf } from './edges.ts';
import type { Light } from './light.ts';
import type { Point } from './plane.ts';

/** 10 to 90% of a Gaussian's integral, in its standard deviations. */
const tenToNinety = 2.563;

/**
 * How wide the side of a mark from `a` to `b` is seen, from 10 to 90% of the step in linear light, in pixels; the
 * mark lies to the right of it. Measured from the white outside alone: inside, cells of the mark come before the
 * black is reached. Undefined where there is no step.
 */
export function sideWidth(light: Light, a: Point, b: Point): number | undefined {
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
