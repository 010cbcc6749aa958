import type { Random } from '@halftone/sdk';
import type { Homography } from '@halftone/sdk/image';

/** How a sign's canvas stands before the camera. */
export interface Pose {
  /** Width of the canvas over the image's, seen head-on. */
  readonly scale: number;
  /** Where its centre lies off the image's, in widths of the image, right and down. */
  readonly offset: readonly [x: number, y: number];
  /** Degrees: clockwise in the image; about the upright axis; about the level axis. */
  readonly roll: number;
  readonly yaw: number;
  readonly pitch: number;
  /** From the camera to the canvas's centre, in half widths of the canvas: the less, the stronger the perspective. */
  readonly distance: number;
}

/** A pose as a hand-held camera before a sign or a sheet has it. */
export function drawPose(random: Random): Pose {
  const scale = random.uniform(0.65, 1.08);
  const room = (1 - scale) / 2 + 0.05;
  return {
    scale,
    offset: [random.uniform(-room, room), random.uniform(-room, room)],
    roll: clipped(random.normal(0, 6), 16),
    yaw: clipped(random.normal(0, 15), 38),
    pitch: clipped(random.normal(0, 10), 28),
    distance: random.uniform(3, 9),
  };
}

function clipped(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

/**
 * The map from the canvas, both coordinates in [−1, 1], to the pixels of an image of `size` × `size`, whose top
 * left corner is (0, 0): turned about its own axes, roll last, then seen through a pinhole.
 */
export function projection(pose: Pose, size: number): Homography {
  const [roll, yaw, pitch] = [pose.roll, pose.yaw, pose.pitch].map(
    (degrees) => (degrees * Math.PI) / 180,
  ) as [number, number, number];
  // The first two columns of Rz(roll) · Ry(yaw) · Rx(pitch): the canvas has no depth.
  const [cr, sr, cy, sy, cp, sp] = [roll, yaw, pitch].flatMap((a) => [Math.cos(a), Math.sin(a)]) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const right = [cr * cy, sr * cy, -sy] as const;
  const down = [cr * sy * sp - sr * cp, sr * sy * sp + cr * cp, cy * sp] as const;
  const centre = pose.offset.map((share) => (0.5 + share) * size) as [number, number];
  const reach = (pose.scale * size * pose.distance) / 2;
  const row = (axis: 0 | 1): [number, number, number] => [
    reach * right[axis] + centre[axis] * right[2],
    reach * down[axis] + centre[axis] * down[2],
    centre[axis] * pose.distance,
  ];
  return [...row(0), ...row(1), right[2], down[2], pose.distance];
}
