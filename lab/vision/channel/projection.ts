import type { CameraSettings, View } from './settings.ts';

/** A point of the frame, in pixels from its upper left corner (the first pixel's centre is 0.5, 0.5). */
export type Point = readonly [x: number, y: number];

/** Where a place on a (bent) sheet is seen, and back. */
export interface Projection {
  /** From mm on the paper to pixels. Beyond the paper's edges its surface goes on straight. */
  toPixels(x: number, y: number): Point;
  /** As `toPixels`, into `to[0]` and `to[1]`. */
  write(x: number, y: number, to: Float64Array): void;
}

const radians = Math.PI / 180;

/** Focal length in pixels. */
export function focalLength({ width, fieldOfView }: CameraSettings): number {
  return width / (2 * Math.tan((fieldOfView * radians) / 2));
}

/** The distance, in mm, from which a length on paper seen head-on takes so many pixels. */
export function distanceFor(camera: CameraSettings, lengthMm: number, pixels: number): number {
  return (focalLength(camera) * lengthMm) / pixels;
}

/**
 * How a sheet is seen: bent to a cylinder about its middle, turned, moved away, through a pinhole, through a lens
 * with radial distortion.
 */
export function projectionOf(
  paper: { readonly width: number; readonly height: number },
  camera: CameraSettings,
  view: View,
): Projection {
  const focal = focalLength(camera);
  const [k1, k2] = camera.distortion;
  const [r, d, n] = axes(view);
  const { distance } = view;
  const middle = [camera.width / 2, camera.height / 2] as const;
  const shift = [
    (view.offset[0] * camera.width * distance) / focal,
    (view.offset[1] * camera.height * distance) / focal,
  ] as const;
  const bent = bendOf(paper, view);
  const place = new Float64Array(3);
  const write = (x: number, y: number, to: Float64Array): void => {
    bent(x - paper.width / 2, y - paper.height / 2, place);
    const [a, b, c] = [place[0]!, place[1]!, place[2]!];
    const depth = distance + r[2] * a + d[2] * b + n[2] * c;
    const u = (shift[0] + r[0] * a + d[0] * b + n[0] * c) / depth;
    const v = (shift[1] + r[1] * a + d[1] * b + n[1] * c) / depth;
    const square = u * u + v * v;
    const lens = focal * (1 + square * (k1 + square * k2));
    to[0] = middle[0] + lens * u;
    to[1] = middle[1] + lens * v;
  };
  return {
    write,
    toPixels(x, y) {
      const to = new Float64Array(2);
      write(x, y, to);
      return [to[0]!, to[1]!];
    },
  };
}

type Vector = readonly [number, number, number];

/** The paper's own axes as the camera sees them: to its right, down, and away. Rz(roll) · Ry(yaw) · Rx(pitch). */
function axes({ yaw, pitch, roll }: View): readonly [Vector, Vector, Vector] {
  const [cr, sr] = [Math.cos(roll * radians), Math.sin(roll * radians)];
  const [cy, sy] = [Math.cos(yaw * radians), Math.sin(yaw * radians)];
  const [cp, sp] = [Math.cos(pitch * radians), Math.sin(pitch * radians)];
  return [
    [cr * cy, sr * cy, -sy],
    [cr * sy * sp - sr * cp, sr * sy * sp + cr * cp, cy * sp],
    [cr * sy * cp + sr * sp, sr * sy * cp - cr * sp, cy * cp],
  ];
}

/**
 * From the flat sheet to the bent one, both about the sheet's middle: lengths along the paper stay. Beyond the
 * sheet's reach it goes on along its tangent, so that every ray meets it once.
 */
function bendOf(
  paper: { readonly width: number; readonly height: number },
  { bend, bendDirection }: View,
): (x: number, y: number, to: Float64Array) => void {
  const curvature = bend / 1000;
  const [along, across] = [Math.cos(bendDirection * radians), Math.sin(bendDirection * radians)];
  if (Math.abs(curvature) < 1e-9) {
    return (x, y, to) => {
      to[0] = x;
      to[1] = y;
      to[2] = 0;
    };
  }
  const reach = Math.abs(along) * (paper.width / 2) + Math.abs(across) * (paper.height / 2);
  return (x, y, to) => {
    const s = x * along + y * across;
    const t = y * along - x * across;
    const inner = Math.max(-reach, Math.min(reach, s));
    const angle = inner * curvature;
    const bentS = Math.sin(angle) / curvature + (s - inner) * Math.cos(angle);
    // The middle is nearest for a positive bend: the rest lies deeper.
    const depth = (1 - Math.cos(angle)) / curvature + (s - inner) * Math.sin(angle);
    to[0] = bentS * along - t * across;
    to[1] = bentS * across + t * along;
    to[2] = depth;
  };
}
