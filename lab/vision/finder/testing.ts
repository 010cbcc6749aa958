import type { Random } from '@halftone/sdk';
import { seeded } from '@halftone/sdk';
import type { Raster } from '../raster.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { type Frame, linearLight } from './frame.ts';
import { type Camera, distort } from './lens.ts';
import { compose, type Point } from './plane.ts';

/** How a sheet is photographed in tests: a plain camera, no more than the finder's own tests need. */
export interface View {
  readonly width: number;
  readonly height: number;
  /** Share of the frame's height that the sheet fills. */
  readonly fill: number;
  /** Degrees between the paper's normal and the camera's axis, about an axis at `axis` degrees. */
  readonly tilt: number;
  readonly axis: number;
  /** Degrees that the sheet is turned in the picture. */
  readonly roll: number;
  /** Standard deviation of the blur, in pixels. */
  readonly blur: number;
  /** Exposure in stops. */
  readonly exposure: number;
  /** Photons that make white; none for no noise. */
  readonly photons?: number;
  /** Light of the desk, 0 to 1. */
  readonly desk: number;
  /** Focal length in widths of the frame. */
  readonly focal: number;
  /** Brown's k1, in units of the focal length. */
  readonly k1?: number;
  /** Rise of the paper's middle over its long edges' ends, in mm: bent as a cylinder. */
  readonly rise?: number;
  /** Places of the sheet that are covered, in mm. */
  readonly covered?: readonly { x: number; y: number; radius: number }[];
  readonly mirrored?: boolean;
  /** Where the sheet's middle is, from the frame's, in shares of its width and height. */
  readonly shift?: Point;
  readonly seed: string;
}

export const plainView: View = {
  width: 960,
  height: 720,
  fill: 0.9,
  tilt: 0,
  axis: 0,
  roll: 0,
  blur: 0.6,
  exposure: 0,
  desk: 0.15,
  focal: 0.9,
  seed: 'view',
};

/** A photograph, and where each place of the sheet (in mm) truly is in it. */
export interface Photograph {
  readonly frame: Frame;
  readonly truth: (place: Point) => Point;
  readonly camera: Camera;
}

/** Photographs a sheet as rendered. */
export function photograph(sheet: Sheet, raster: Raster, view: View): Photograph {
  const pose = poseOf(sheet, view);
  const { width, height } = view;
  const focal = view.focal * width;
  const camera: Camera = {
    version: 1,
    width,
    height,
    fx: focal,
    fy: focal,
    cx: width / 2,
    cy: height / 2,
    distortion: [view.k1 ?? 0, 0, 0, 0, 0],
  };
  const lift = liftOf(sheet, view);
  const truth = (place: Point): Point => {
    const seen = pose(place.x, place.y, lift(place.x));
    const bent = distort(camera, seen);
    return view.mirrored ? { x: width - bent.x, y: bent.y } : bent;
  };
  const light = render(sheet, raster, view, truth);
  blurInPlace(light, width, height, view.blur);
  return { frame: develop(light, view), truth, camera };
}

/** How high the paper lies at x, in mm. */
function liftOf(sheet: Sheet, view: View): (x: number) => number {
  const rise = view.rise ?? 0;
  const half = sheet.paper.width / 2;
  return (x) => rise * (1 - ((x - half) / half) ** 2);
}

/** Sends a place of the sheet and its height to a pixel of a pinhole camera. */
function poseOf(sheet: Sheet, view: View): (x: number, y: number, z: number) => Point {
  const [tilt, axis, roll] = [view.tilt, view.axis, view.roll].map(
    (degrees) => (degrees * Math.PI) / 180,
  ) as [number, number, number];
  const about = (angle: number) => [
    Math.cos(angle),
    -Math.sin(angle),
    0,
    Math.sin(angle),
    Math.cos(angle),
    0,
    0,
    0,
    1,
  ];
  const pitch = [1, 0, 0, 0, Math.cos(tilt), -Math.sin(tilt), 0, Math.sin(tilt), Math.cos(tilt)];
  const rotation = compose(about(axis), compose(pitch, compose(about(-axis), about(roll))));
  const focal = view.focal * view.width;
  const { width, height } = sheet.paper;
  const at = (distance: number) => (x: number, y: number, z: number) => {
    const [u, v, w] = [x - width / 2, y - height / 2, -z];
    const [a, b, c] = [0, 3, 6].map(
      (row) => rotation[row]! * u + rotation[row + 1]! * v + rotation[row + 2]! * w,
    ) as [number, number, number];
    const depth = c + distance;
    return {
      x: (focal * a) / depth + view.width * (0.5 + (view.shift?.x ?? 0)),
      y: (focal * b) / depth + view.height * (0.5 + (view.shift?.y ?? 0)),
    };
  };
  let [near, far] = [Math.max(width, height) * 0.6, Math.max(width, height) * 40];
  for (let i = 0; i < 40; i++) {
    const middle = (near + far) / 2;
    const place = at(middle);
    const ys = [place(0, 0, 0), place(width, 0, 0), place(width, height, 0), place(0, height, 0)].map(
      ({ y }) => y,
    );
    if (Math.max(...ys) - Math.min(...ys) > view.fill * view.height) near = middle;
    else far = middle;
  }
  return at(far);
}

/** Light of every pixel, three channels, from the sheet where it lies and the desk elsewhere. */
function render(sheet: Sheet, raster: Raster, view: View, truth: (place: Point) => Point): Float32Array {
  const { width, height } = view;
  const light = new Float32Array(width * height * 3).fill(view.desk);
  const perMm = raster.width / sheet.paper.width;
  const inverse = inverseOf(sheet, truth);
  const covered = view.covered ?? [];
  const gain = 2 ** view.exposure;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = inverse(x + 0.5, y + 0.5);
      if (place === undefined) continue;
      const to = (y * width + x) * 3;
      const hidden = covered.some((one) => Math.hypot(one.x - place.x, one.y - place.y) < one.radius);
      if (hidden) light.set([0.35, 0.2, 0.14], to);
      else sample(raster, place.x * perMm - 0.5, place.y * perMm - 0.5, light, to);
    }
  }
  for (let i = 0; i < light.length; i++) light[i]! *= gain * 0.85;
  return light;
}

/** Pixels back to the sheet by Newton's method, each started at its neighbour's place. */
function inverseOf(sheet: Sheet, truth: (place: Point) => Point) {
  const { width: w, height: h } = sheet.paper;
  const corners = [
    { x: 0, y: 0 },
    { x: w, y: 0 },
    { x: w, y: h },
    { x: 0, y: h },
  ].map(truth);
  const margin = 30;
  const [left, right] = [
    Math.min(...corners.map((c) => c.x)) - margin,
    Math.max(...corners.map((c) => c.x)) + margin,
  ];
  const [top, bottom] = [
    Math.min(...corners.map((c) => c.y)) - margin,
    Math.max(...corners.map((c) => c.y)) + margin,
  ];
  let guess: Point = { x: w / 2, y: h / 2 };
  return (x: number, y: number): Point | undefined => {
    if (x < left || x > right || y < top || y > bottom) return undefined;
    for (let i = 0; i < 12; i++) {
      const here = truth(guess);
      const [ex, ey] = [x - here.x, y - here.y];
      if (Math.abs(ex) + Math.abs(ey) < 0.01) break;
      const [ax, ay] = [truth({ x: guess.x + 0.5, y: guess.y }), truth({ x: guess.x, y: guess.y + 0.5 })];
      const [a, b, c, d] = [
        2 * (ax.x - here.x),
        2 * (ay.x - here.x),
        2 * (ax.y - here.y),
        2 * (ay.y - here.y),
      ];
      const det = a * d - b * c;
      guess = { x: guess.x + (d * ex - b * ey) / det, y: guess.y + (a * ey - c * ex) / det };
    }
    const place = guess;
    if (!(Math.abs(place.x) < 3 * w && Math.abs(place.y) < 3 * h)) guess = { x: w / 2, y: h / 2 };
    return place.x >= 0 && place.y >= 0 && place.x <= w && place.y <= h ? place : undefined;
  };
}

function sample({ width, height, data }: Raster, x: number, y: number, to: Float32Array, at: number): void {
  const px = Math.min(Math.max(x, 0), width - 1.001);
  const py = Math.min(Math.max(y, 0), height - 1.001);
  const [column, row] = [Math.floor(px), Math.floor(py)];
  const [fx, fy] = [px - column, py - row];
  const here = (row * width + column) * 3;
  const below = here + width * 3;
  for (let c = 0; c < 3; c++) {
    const top = linearLight[data[here + c]!]! * (1 - fx) + linearLight[data[here + 3 + c]!]! * fx;
    const bottom = linearLight[data[below + c]!]! * (1 - fx) + linearLight[data[below + 3 + c]!]! * fx;
    to[at + c] = 0.04 + 0.9 * (top * (1 - fy) + bottom * fy);
  }
}

function blurInPlace(light: Float32Array, width: number, height: number, sigma: number): void {
  if (sigma <= 0) return;
  const reach = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const total = kernel.reduce((a, b) => a + b, 0);
  const pass = (count: number, stride: number, start: number, line: Float32Array) => {
    for (let i = 0; i < count; i++) line[i] = light[start + i * stride]!;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        sum += kernel[k + reach]! * line[Math.min(Math.max(i + k, 0), count - 1)]!;
      }
      light[start + i * stride] = sum / total;
    }
  };
  const line = new Float32Array(Math.max(width, height));
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) pass(width, 3, y * width * 3 + c, line);
    for (let x = 0; x < width; x++) pass(height, width * 3, x * 3 + c, line);
  }
}

/** Light to eight-bit sRGB, with shot noise. */
function develop(light: Float32Array, { width, height, photons, seed }: View): Frame {
  const random: Random = seeded(seed);
  const data = new Uint8Array(light.length);
  const encode = (value: number) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
  const table = Uint8Array.from({ length: 4096 }, (_, i) => Math.round(255 * encode(i / 4095)));
  // Gaussian numbers are costly: a long list of them is used again from a random start for each row.
  const normals = Float32Array.from({ length: 65_537 }, () => (photons === undefined ? 0 : random.normal()));
  let at = 0;
  for (let i = 0; i < light.length; i++) {
    if (i % (width * 3) === 0) at = Math.floor(random.uniform() * normals.length);
    at = at + 1 < normals.length ? at + 1 : 0;
    const noise =
      photons === undefined ? 0 : normals[at]! * Math.sqrt(light[i]! / photons + (5 / photons) ** 2);
    data[i] = table[Math.round(4095 * Math.min(Math.max(light[i]! + noise, 0), 1))]!;
  }
  return { width, height, data };
}
