import { z } from 'zod';
import type { Point } from './plane.ts';

/**
 * A camera as calibration finds it, for frames of one size: a pinhole with Brown's distortion, in the coordinates of
 * `Point` (OpenCV's principal point plus half a pixel). Written as JSON.
 */
export const cameraSchema = z.strictObject({
  version: z.literal(1),
  /** Frame size in pixels. Frames of the same shape and another size are scaled to it. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** Focal lengths in pixels. */
  fx: z.number().positive(),
  fy: z.number().positive(),
  /** Principal point. */
  cx: z.number().finite(),
  cy: z.number().finite(),
  /** k1, k2, p1, p2, k3 (OpenCV's order). */
  distortion: z.tuple([
    z.number().finite(),
    z.number().finite(),
    z.number().finite(),
    z.number().finite(),
    z.number().finite(),
  ]),
  /** Root mean square distance of marks from where the model puts them, in pixels. */
  reprojectionError: z.number().min(0).optional(),
  /** Frames that it was found from. */
  frames: z.int().min(1).optional(),
});

export type Camera = z.infer<typeof cameraSchema>;

/** The camera for frames of another size and the same shape; undefined where the shape differs by more than 1%. */
export function scaleCamera(camera: Camera, width: number, height: number): Camera | undefined {
  const [sx, sy] = [width / camera.width, height / camera.height];
  if (Math.abs(sx / sy - 1) > 0.01) return undefined;
  return {
    ...camera,
    width,
    height,
    fx: camera.fx * sx,
    fy: camera.fy * sy,
    cx: camera.cx * sx,
    cy: camera.cy * sy,
  };
}

/** Where the lens puts what a pinhole of the same focal length would put at a pixel. */
export function distort(camera: Camera, { x, y }: Point): Point {
  const { fx, fy, cx, cy } = camera;
  const bent = bend(camera.distortion, (x - cx) / fx, (y - cy) / fy);
  return { x: bent.x * fx + cx, y: bent.y * fy + cy };
}

/** Where a pinhole would put what the lens puts at a pixel: the inverse of `distort`, by fixed-point iteration. */
export function undistort(camera: Camera, { x, y }: Point): Point {
  const { fx, fy, cx, cy } = camera;
  const seen = { x: (x - cx) / fx, y: (y - cy) / fy };
  let [u, v] = [seen.x, seen.y];
  for (let i = 0; i < 30; i++) {
    const bent = bend(camera.distortion, u, v);
    const [du, dv] = [seen.x - bent.x, seen.y - bent.y];
    u += du;
    v += dv;
    if (Math.abs(du) + Math.abs(dv) < 1e-10) break;
  }
  return { x: u * fx + cx, y: v * fy + cy };
}

/** Brown's model on coordinates in units of the focal length. */
function bend([k1, k2, p1, p2, k3]: Camera['distortion'], x: number, y: number): Point {
  const r2 = x * x + y * y;
  const radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
  return {
    x: x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
    y: y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
  };
}
