import type { Light } from './light.ts';
import type { Point } from './plane.ts';

/** Where a dark side meets white paper, as measured across it. */
export interface EdgePoint {
  readonly point: Point;
  /** How far outward of the place asked for, in pixels. */
  readonly offset: number;
  /** Steepness there: the fall of light inward, a pixel. */
  readonly slope: number;
}

/** A stretch of a side: its middle, which way outward is (a unit vector), and its length in pixels. */
export interface Stretch {
  readonly x: number;
  readonly y: number;
  readonly outX: number;
  readonly outY: number;
  readonly length: number;
}

const step = 0.5;
/** Profiles that are averaged over a stretch, at most. */
const mostLanes = 3;
/** A derivative of a Gaussian of 1 px, sampled every half pixel: steep against noise, mild against blur. */
const kernel = Float64Array.from({ length: 11 }, (_, i) => {
  const t = (i - 5) * step;
  return t * Math.exp((-t * t) / 2);
});
const kernelReach = 5;
/** What the kernel makes of a slope of one a pixel. */
const kernelGain = kernel.reduce((sum, value, i) => sum + value * (i - kernelReach) * step, 0);

/**
 * The steepest place from dark (inside) to light (outside) within `reach` pixels of a stretch's middle, across it;
 * the profile is the mean over the stretch. Undefined where nothing there grows lighter outward.
 */
export function findEdge(light: Light, stretch: Stretch, reach: number): EdgePoint | undefined {
  const slopes = slopesAcross(light, stretch, reach);
  let best = -1;
  let most = 0;
  for (let i = 1; i < slopes.length - 1; i++) {
    const slope = slopes[i]!;
    if (slope > most && slope >= slopes[i - 1]! && slope >= slopes[i + 1]!) {
      most = slope;
      best = i;
    }
  }
  if (best < 0) return undefined;
  const [before, after] = [slopes[best - 1]!, slopes[best + 1]!];
  const curvature = before - 2 * most + after;
  const shift = curvature < 0 ? (0.5 * (before - after)) / curvature : 0;
  const offset = (best + shift) * step - reach;
  return {
    point: { x: stretch.x + stretch.outX * offset, y: stretch.y + stretch.outY * offset },
    offset,
    slope: most,
  };
}

/** Kept between calls: thousands of short arrays would be made anew for each frame. */
const slopesKept = new Float64Array(1024);

/** Slopes outward, a pixel, every half pixel from −reach to +reach. */
function slopesAcross(light: Light, stretch: Stretch, reach: number): Float64Array {
  const profile = profileAcross(light, stretch, reach + kernelReach * step, step);
  const slopes = slopesKept.subarray(0, profile.length - 2 * kernelReach);
  for (let i = 0; i < slopes.length; i++) {
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * profile[i + k]!;
    slopes[i] = sum / kernelGain;
  }
  return slopes;
}

/** Light across a stretch, from `reach` pixels inside to `reach` outside, the mean over its length. */
export function profileAcross(light: Light, stretch: Stretch, reach: number, every: number): Float64Array {
  const { x, y, outX, outY, length } = stretch;
  const lanes = Math.min(Math.max(Math.round(length / 1.5), 1), mostLanes);
  const count = 2 * Math.round(reach / every) + 1;
  const profile = new Float64Array(count);
  for (let lane = 0; lane < lanes; lane++) {
    const along = ((lane + 0.5) / lanes - 0.5) * length;
    // The side runs at a right angle to outward.
    const startX = x - outY * along - outX * reach;
    const startY = y + outX * along - outY * reach;
    for (let i = 0; i < count; i++) {
      profile[i]! += light(startX + outX * i * every, startY + outY * i * every) / lanes;
    }
  }
  return profile;
}

/** Stretches along the side from `a` to `b`, its ends left out; the inside lies to the right, with y down. */
export function stretchesOf(a: Point, b: Point, count: number, leftOut: number): Stretch[] {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const whole = Math.hypot(dx, dy);
  const length = (whole - 2 * leftOut) / count;
  if (!(length > 0)) return [];
  return Array.from({ length: count }, (_, i) => {
    const along = (leftOut + (i + 0.5) * length) / whole;
    return { x: a.x + dx * along, y: a.y + dy * along, outX: dy / whole, outY: -dx / whole, length };
  });
}
