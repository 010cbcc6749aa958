import type { Camera } from '../finder/lens.ts';
import { type SheetMap, unitOf } from '../finder/sheet-map.ts';

/** How a sheet lies before the camera. */
export interface Pose {
  /** Degrees between the paper's normal and the line of sight to its middle. */
  readonly angle: number;
  /** mm from the camera to the paper's middle. */
  readonly distance: number;
}

/** Focal length of usual webcams and phones, in longer sides of the frame, for cameras that weren't calibrated. */
const usualFocal = 0.76;

/**
 * The pose that a sheet's map tells of (Zhang 2000): exact with a calibrated camera, otherwise for a usual focal
 * length, which shifts angles by a few degrees and distances by a tenth or two.
 */
export function poseOf(map: SheetMap, frame: { readonly width: number; readonly height: number }): Pose {
  const camera: Pick<Camera, 'fx' | 'fy' | 'cx' | 'cy'> = map.camera ?? usualCamera(frame);
  const h = map.homography;
  const column = (i: number) => {
    const [x, y, w] = [h[i]!, h[3 + i]!, h[6 + i]!];
    return [(x - camera.cx * w) / camera.fx, (y - camera.cy * w) / camera.fy, w] as const;
  };
  const [right, down, middle] = [column(0), column(1), column(2)];
  const normal = cross(right, down);
  const cosine =
    Math.abs(dot(normal, middle)) / (Math.sqrt(dot(normal, normal)) * Math.sqrt(dot(middle, middle)));
  const scale = (Math.sqrt(dot(right, right)) + Math.sqrt(dot(down, down))) / 2 / unitOf(map.paper);
  return {
    angle: (Math.acos(Math.min(cosine, 1)) * 180) / Math.PI,
    distance: Math.sqrt(dot(middle, middle)) / scale,
  };
}

function usualCamera({ width, height }: { readonly width: number; readonly height: number }) {
  const focal = usualFocal * Math.max(width, height);
  return { fx: focal, fy: focal, cx: width / 2, cy: height / 2 };
}

type Vector = readonly [number, number, number];

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
