import type { Random } from '@halftone/sdk';
import { distanceFor, projectionOf } from './projection.ts';
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

/**
 * A photograph drawn at random, with all of the sheet in it: the camera goes as much farther away as that takes, and
 * the sheet's middle lies off the frame's as far as there is room.
 */
export function drawView(
  paper: { readonly width: number; readonly height: number },
  camera: CameraSettings,
  ranges: ViewRanges,
  random: Random,
): View {
  const tilt = ranges.angle * Math.sqrt(random.uniform());
  const direction = random.uniform(0, 2 * Math.PI);
  const fill = random.uniform(...ranges.fill);
  const wished: [number, number] = [random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)];
  const view: View = {
    yaw: tilt * Math.cos(direction),
    pitch: tilt * Math.sin(direction),
    roll: random.uniform(-0.5, 0.5) * ranges.angle,
    distance: distanceFor(camera, paper.height, fill * camera.height),
    offset: [0, 0],
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
  return fitted(paper, camera, view, wished);
}

/** Share of the frame's sides that stays free of the sheet. */
const rim = 0.01;

/** The view from as far as it takes to see the whole sheet; `wished`: where in the room that is left, −1 to 1. */
function fitted(
  paper: { readonly width: number; readonly height: number },
  camera: CameraSettings,
  view: View,
  wished: readonly [number, number],
): View {
  let result = view;
  for (let step = 0; step < 40; step++) {
    const box = boxOf(paper, camera, result);
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    const room = [1 - 2 * rim - width, 1 - 2 * rim - height] as const;
    if (room[0] < 0 || room[1] < 0) {
      result = { ...result, distance: result.distance * Math.max(1.01, width, height) };
      continue;
    }
    // In the first step it lies in the middle; then it moves within the room that it has.
    const offset: [number, number] = [
      result.offset[0] + 0.5 + (wished[0] * room[0]) / 2 - (box.left + box.right) / 2,
      result.offset[1] + 0.5 + (wished[1] * room[1]) / 2 - (box.top + box.bottom) / 2,
    ];
    const moved = { ...result, offset };
    if (fits(boxOf(paper, camera, moved))) return moved;
    result = { ...moved, distance: moved.distance * 1.02 };
  }
  return result;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function fits({ left, right, top, bottom }: Box): boolean {
  return left >= 0 && top >= 0 && right <= 1 && bottom <= 1;
}

/** What of the frame the paper's rim takes, in shares of its sides. */
function boxOf(
  paper: { readonly width: number; readonly height: number },
  camera: CameraSettings,
  view: View,
): Box {
  const { toPixels } = projectionOf(paper, camera, view);
  const shares = [0, 0.25, 0.5, 0.75, 1];
  const rims = shares.flatMap((share) => [
    toPixels(share * paper.width, 0),
    toPixels(share * paper.width, paper.height),
    toPixels(0, share * paper.height),
    toPixels(paper.width, share * paper.height),
  ]);
  const xs = rims.map(([x]) => x / camera.width);
  const ys = rims.map(([, y]) => y / camera.height);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
