import { type Random, seeded } from '@halftone/sdk';
import { type Capture, capture, type Truth } from '../channel/capture.ts';
import { cameras, printers } from '../channel/presets.ts';
import { printSheet } from '../channel/print.ts';
import { distanceFor, projectionOf } from '../channel/projection.ts';
import type { CameraSettings, View } from '../channel/settings.ts';
import type { Raster } from '../raster.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { layOut } from '../sheet/layout.ts';
import { renderSheet } from '../sheet/render.ts';
import type { SheetSettingsInput } from '../sheet/settings.ts';
import { testImages } from '../sheet/testing.ts';
import type { FoundSheet } from './finding.ts';
import type { Camera } from './lens.ts';
import { scaleAt, toFrame } from './sheet-map.ts';

/** Sheets of test images and their pictures, at pixels for each mm that suit frames of two megapixels. */
export interface TestSheets {
  readonly sheets: readonly Sheet[];
  readonly pictures: readonly Raster[];
}

const pixelsPerMm = 5;

/** Sheets of a run for tests. */
export function testSheets(run: string, sources = 8, settings: SheetSettingsInput = {}): TestSheets {
  const { images, pictures } = testImages(sources, 32);
  const sheets = layOut(images, run, settings);
  let first = 0;
  const drawn = sheets.map((sheet) => {
    const own = pictures.slice(first, first + sheet.cells.length);
    first += sheet.cells.length;
    return renderSheet(sheet, own, pixelsPerMm);
  });
  return { sheets, pictures: drawn };
}

/** A view from straight above, in focus, well lit. */
export const plainView: View = {
  yaw: 0,
  pitch: 0,
  roll: 0,
  distance: 500,
  offset: [0, 0],
  bend: 0,
  bendDirection: 0,
  exposure: 0,
  defocus: 0.3,
  motion: 0,
  motionDirection: 0,
  falloff: 1,
  falloffDirection: 0,
  lightColour: [1, 1, 1],
  glare: 0,
  glarePlace: [0, 0],
  glareSize: 10,
};

/** How far the frames go that the finder is measured on. */
export interface Ranges {
  /** Largest angle, degrees. */
  readonly angle: number;
  /** Share of the frame's height that the sheet takes as it is seen. */
  readonly fill: readonly [number, number];
  /** Largest blur, pixels; largest exposure either way, stops; largest curvature, 1/m. */
  readonly blur: number;
  readonly exposure: number;
  readonly bend: number;
  /** Whether the camera's lens distorts as the preset says. */
  readonly lens: boolean;
  /** Whether one corner mark is covered. */
  readonly covers: boolean;
}

/** What the finder must stand. */
export const required: Ranges = {
  angle: 50,
  fill: [0.35, 0.95],
  blur: 2,
  exposure: 1.5,
  bend: 0,
  lens: false,
  covers: true,
};

/** Photons of a pixel's white in a dim room, and the read-out's noise in them. */
const dim = { fullWell: 1200, readNoise: 8 };

/** A frame drawn from the ranges. */
export function drawFrame(
  sheet: Sheet,
  picture: Raster,
  ranges: Ranges,
  seed: string,
): Capture & { camera: CameraSettings; view: View } {
  const random = seeded(seed);
  const preset = cameras['webcam-1080p'];
  const camera: CameraSettings = {
    ...preset,
    ...dim,
    blur: 0.3,
    jpegQuality: 0,
    distortion: ranges.lens ? [...preset.distortion] : [0, 0],
  };
  const view = drawnView(sheet, camera, ranges, random);
  const covered = ranges.covers ? covering(picture, sheet, random.integer(4), random) : picture;
  const print = printSheet(covered, pixelsPerMm, printers['office-laser'], random.derive('print'));
  return { ...capture(print, sheet, camera, view, random.derive('capture')), camera, view };
}

function drawnView(sheet: Sheet, camera: CameraSettings, ranges: Ranges, random: Random): View {
  const tilt = random.uniform(0, ranges.angle);
  const direction = random.uniform(0, 2 * Math.PI);
  const fill = random.uniform(...ranges.fill);
  const view: View = {
    ...plainView,
    yaw: tilt * Math.cos(direction),
    pitch: tilt * Math.sin(direction),
    roll: random.uniform(-20, 20),
    bend: random.uniform(-1, 1) * ranges.bend,
    bendDirection: random.uniform(-180, 180),
    exposure: random.uniform(-1, 1) * ranges.exposure,
    defocus: random.uniform() * Math.sqrt(ranges.blur ** 2 - camera.blur ** 2),
    falloff: random.uniform(0.6, 1),
    falloffDirection: random.uniform(-180, 180),
  };
  return fitted(sheet, camera, view, fill);
}

/** The view from the distance at which the sheet takes its share of the frame, moved so that all of it is seen. */
function fitted(sheet: Sheet, camera: CameraSettings, view: View, fill: number): View {
  const { width, height } = sheet.paper;
  let [near, far] = [0.25, 4].map((share) => share * distanceFor(camera, height, fill * camera.height)) as [
    number,
    number,
  ];
  const boxAt = (distance: number, offset: readonly [number, number]) => {
    const { toPixels } = projectionOf(sheet.paper, camera, { ...view, distance, offset: [...offset] });
    const corners = [toPixels(0, 0), toPixels(width, 0), toPixels(width, height), toPixels(0, height)];
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  };
  for (let i = 0; i < 30; i++) {
    const middle = (near + far) / 2;
    const { left, right, top, bottom } = boxAt(middle, [0, 0]);
    const tooLarge = !(bottom - top <= fill * camera.height && right - left <= 0.95 * camera.width);
    if (tooLarge) near = middle;
    else far = middle;
  }
  const { left, right, top, bottom } = boxAt(far, [0, 0]);
  return {
    ...view,
    distance: far,
    offset: [0.5 - (left + right) / 2 / camera.width, 0.5 - (top + bottom) / 2 / camera.height],
  };
}

/** The picture with a thumb on one of the corner marks. */
function covering(picture: Raster, sheet: Sheet, corner: number, random: Random): Raster {
  const { x, y, size } = sheet.markers[corner]!;
  const [cx, cy] = [x + size * random.uniform(0.3, 0.7), y + size * random.uniform(0.3, 0.7)];
  return withThumb(picture, [cx, cy], 0.6 * size);
}

/** The picture with a thumb on it: a disc about a place, lengths in mm. */
export function withThumb(picture: Raster, [cx, cy]: readonly [number, number], radius: number): Raster {
  const data = picture.data.slice();
  for (let row = 0; row < picture.height; row++) {
    for (let column = 0; column < picture.width; column++) {
      const away = Math.hypot((column + 0.5) / pixelsPerMm - cx, (row + 0.5) / pixelsPerMm - cy);
      if (away < radius) data.set([205, 150, 125], (row * picture.width + column) * 3);
    }
  }
  return { ...picture, data };
}

/** Distances of the corners of a sheet's cells from where they truly are: in pixels and, by local scale, in mm. */
export function cornerErrors(
  { sheet, map }: FoundSheet,
  truth: Pick<Truth, 'cells'>,
): { pixels: number[]; mm: number[] } {
  const [pixels, mm]: [number[], number[]] = [[], []];
  sheet.cells.forEach(({ x, y, width, height }, i) => {
    const places = [
      { x, y },
      { x: x + width, y },
      { x: x + width, y: y + height },
      { x, y: y + height },
    ];
    places.forEach((place, k) => {
      const [trueX, trueY] = truth.cells[i]![k]!;
      const seen = toFrame(map, place);
      const off = Math.hypot(seen.x - trueX, seen.y - trueY);
      pixels.push(off);
      mm.push(off / scaleAt(map, place).least);
    });
  });
  return { pixels, mm };
}

/** The camera as a perfect calibration would give it. */
export function calibrationOf({ width, height, fieldOfView, distortion }: CameraSettings): Camera {
  const focal = width / (2 * Math.tan((fieldOfView * Math.PI) / 360));
  const [k1, k2] = distortion;
  return {
    version: 1,
    width,
    height,
    fx: focal,
    fy: focal,
    cx: width / 2,
    cy: height / 2,
    distortion: [k1, k2, 0, 0, 0],
  };
}
