import type { Random } from '@halftone/sdk';
import { type CameraSettings, type Homography, inverted, projected } from '@halftone/sdk/image';

/** How far shots go; see the channel's parameters. */
export interface Ranges {
  readonly imageSize: number;
  readonly angle: number;
  readonly leastFill: number;
  readonly exposure: number;
  readonly defocus: number;
  readonly motion: number;
  readonly falloff: number;
  readonly misplacement: number;
}

/** One photograph of one image: the part of the frame about it. */
export interface Shot {
  /** Size in pixels of that part. */
  readonly width: number;
  readonly height: number;
  /** From the part's pixels to the image's. */
  readonly toImage: Homography;
  /** From the image's pixels to the part's, as the cut believes. */
  readonly toPart: Homography;
  /** Pixels of the camera for each pixel of the image, and for each mm. */
  readonly scale: number;
  readonly pixelsPerMm: number;
  /** Factor of each channel's light, and how it changes along the part (stops a pixel, right and down). */
  readonly light: readonly [number, number, number];
  readonly slope: readonly [right: number, down: number];
  readonly defocus: number;
  readonly motion: number;
  readonly motionDirection: number;
}

/** Height in mm of the sheet that the camera is held for, and the most of the frame that it takes. */
const sheetHeight = 297;
const mostFill = 0.95;
/** Pixels seen beyond the image's corners: filters reach so far. */
const rim = 6;

const radians = Math.PI / 180;

/** Draws a photograph of an image on paper. */
export function drawShot(
  image: { readonly width: number; readonly height: number },
  camera: CameraSettings,
  ranges: Ranges,
  random: Random,
): Shot {
  const pixelsPerMm =
    (random.uniform(Math.min(ranges.leastFill, mostFill), mostFill) * camera.height) / sheetHeight;
  const toFrame = drawPose(image, camera, ranges, pixelsPerMm, random);
  const [w, h] = [image.width, image.height];
  const corners = [
    [0, 0],
    [w, 0],
    [w, h],
    [0, h],
  ] as const;
  const seen = corners.map(([x, y]) => projected(toFrame, x, y));
  const left = Math.floor(Math.min(...seen.map(([x]) => x))) - rim;
  const top = Math.floor(Math.min(...seen.map(([, y]) => y))) - rim;
  const right = Math.ceil(Math.max(...seen.map(([x]) => x))) + rim;
  const bottom = Math.ceil(Math.max(...seen.map(([, y]) => y))) + rim;
  const toPart = shifted(toFrame, -left, -top);
  const direction = random.uniform(0, 2 * Math.PI);
  // Along a whole sheet the light changes by so many stops; here, a part of it.
  const stops = Math.log2(random.uniform(ranges.falloff, 1)) / (sheetHeight * pixelsPerMm);
  const exposure =
    2 **
    (random.uniform(-1, 1) * ranges.exposure + random.uniform(-0.5, 0.5) * stops * sheetHeight * pixelsPerMm);
  return {
    width: right - left,
    height: bottom - top,
    toImage: inverted(toPart),
    toPart: misplaced(toPart, corners, ranges.misplacement, random),
    scale: (pixelsPerMm * ranges.imageSize) / Math.max(w, h),
    pixelsPerMm,
    light: [exposure * 2 ** random.normal(0, 0.06), exposure, exposure * 2 ** random.normal(0, 0.06)],
    slope: [stops * Math.cos(direction), stops * Math.sin(direction)],
    defocus: random.uniform() * ranges.defocus,
    motion: random.uniform() * ranges.motion,
    motionDirection: random.uniform(-180, 180),
  };
}

/** From the image's pixels to the frame's: turned about the sheet's middle, seen through a pinhole. */
function drawPose(
  image: { readonly width: number; readonly height: number },
  { width, fieldOfView }: CameraSettings,
  { angle, imageSize }: Ranges,
  pixelsPerMm: number,
  random: Random,
): Homography {
  const tilt = angle * Math.sqrt(random.uniform()) * radians;
  const direction = random.uniform(0, 2 * Math.PI);
  const roll = random.uniform(-0.5, 0.5) * angle * radians;
  const [yaw, pitch] = [tilt * Math.cos(direction), tilt * Math.sin(direction)];
  const focal = width / (2 * Math.tan((fieldOfView * radians) / 2));
  const distance = focal / pixelsPerMm;
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
  // Where on the sheet the image lies, in mm from the sheet's middle, and mm for each of its pixels.
  const mm = imageSize / Math.max(image.width, image.height);
  const x0 = random.uniform(-70, 70) - (image.width * mm) / 2;
  const y0 = random.uniform(-110, 110) - (image.height * mm) / 2;
  const at = (axis: 0 | 1 | 2) => right[axis] * x0 + down[axis] * y0;
  return [
    focal * right[0] * mm,
    focal * down[0] * mm,
    focal * at(0),
    focal * right[1] * mm,
    focal * down[1] * mm,
    focal * at(1),
    right[2] * mm,
    down[2] * mm,
    distance + at(2),
  ];
}

/** The map followed by a move. */
function shifted([a, b, c, d, e, f, g, h, i]: Homography, x: number, y: number): Homography {
  return [a + x * g, b + x * h, c + x * i, d + y * g, e + y * h, f + y * i, g, h, i];
}

/** The map as a cut with uncertain corners has it: moved, turned and stretched a little. */
function misplaced(
  map: Homography,
  corners: readonly (readonly [number, number])[],
  deviation: number,
  random: Random,
): Homography {
  const [dx, dy] = [random.normal(0, deviation), random.normal(0, deviation)];
  const [, far] = [corners[0]!, projected(map, ...corners[2]!)];
  const near = projected(map, ...corners[0]!);
  const size = Math.max(1, Math.hypot(far[0] - near[0], far[1] - near[1]));
  const [turn, stretch] = [random.normal(0, deviation / size), random.normal(0, deviation / size)];
  const [mx, my] = [(near[0] + far[0]) / 2, (near[1] + far[1]) / 2];
  // x' = m + (1 + stretch) (x − m) − turn (y − m), and so on.
  const [p, q] = [1 + stretch, turn];
  const [a, b, c, d, e, f, g, h, i] = map;
  const [sx, sy] = [dx + mx - p * mx + q * my, dy + my - p * my - q * mx];
  const turned: Homography = [
    p * a - q * d,
    p * b - q * e,
    p * c - q * f,
    q * a + p * d,
    q * b + p * e,
    q * c + p * f,
    g,
    h,
    i,
  ];
  return shifted(turned, sx, sy);
}
