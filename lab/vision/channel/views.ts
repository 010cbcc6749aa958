import type { Random } from '@halftone/sdk';
import { distanceFor } from './projection.ts';
import type { CameraSettings, View } from './settings.ts';

/** How far the photographs that are drawn at random go. */
export interface ViewRanges {
  /** Largest angle between the camera's axis and the sheet's normal, degrees; the roll goes half as far again. */
  readonly angle: number;
  /** Share of the frame's height that the sheet's height takes, seen head-on. */
  readonly fill: readonly [least: number, most: number];
  /** Stops. */
  readonly exposure: number;
  /** Largest standard deviation of the missed focus, pixels. */
  readonly defocus: number;
  /** Longest motion, pixels. */
  readonly motion: number;
  /** Largest curvature, 1/m. */
  readonly bend: number;
  /** Least light on the far side over that on the near one. */
  readonly falloff: number;
  /** How often a lamp is mirrored, 0 to 1. */
  readonly glare: number;
}

/** Somebody who takes care: what a person at a desk with a webcam gets. */
export const careful: ViewRanges = {
  angle: 20,
  fill: [0.7, 0.95],
  exposure: 0.4,
  defocus: 0.6,
  motion: 1,
  bend: 0.4,
  falloff: 0.7,
  glare: 0.1,
};

/** A photograph drawn at random. */
export function drawView(
  paper: { readonly width: number; readonly height: number },
  camera: CameraSettings,
  ranges: ViewRanges,
  random: Random,
): View {
  const tilt = ranges.angle * Math.sqrt(random.uniform());
  const direction = random.uniform(0, 2 * Math.PI);
  const fill = random.uniform(...ranges.fill);
  const room = [
    Math.max(0, 1 - (fill * camera.height * paper.width) / (paper.height * camera.width)),
    Math.max(0, 1 - fill),
  ] as const;
  return {
    yaw: tilt * Math.cos(direction),
    pitch: tilt * Math.sin(direction),
    roll: random.uniform(-0.5, 0.5) * ranges.angle,
    distance: distanceFor(camera, paper.height, fill * camera.height),
    offset: [random.uniform(-0.3, 0.3) * room[0], random.uniform(-0.3, 0.3) * room[1]],
    bend: random.uniform(-1, 1) * ranges.bend,
    bendDirection: random.uniform(-180, 180),
    exposure: random.uniform(-1, 1) * ranges.exposure,
    defocus: random.uniform() * ranges.defocus,
    motion: random.uniform() * ranges.motion,
    motionDirection: random.uniform(-180, 180),
    falloff: random.uniform(ranges.falloff, 1),
    falloffDirection: random.uniform(-180, 180),
    lightColour: [2 ** random.normal(0, 0.06), 1, 2 ** random.normal(0, 0.06)],
    glare: random.uniform() < ranges.glare ? random.uniform(0.1, 0.6) : 0,
    glarePlace: [random.uniform(), random.uniform()],
    glareSize: random.uniform(10, 60),
  };
}
