import { seeded } from '@halftone/sdk';
import { lightOfLevel } from '@halftone/sdk/image';
import { describe, expect, test } from 'vitest';
import type { Raster } from '../raster.ts';
import { layOut } from '../sheet/layout.ts';
import { renderSheet } from '../sheet/render.ts';
import { testImages } from '../sheet/testing.ts';
import { capture } from './capture.ts';
import { edgeBlur } from './edge-blur.ts';
import { fitChannel } from './fit.ts';
import { cameras, printers } from './presets.ts';
import { type Print, printSheet } from './print.ts';
import { distanceFor, projectionOf } from './projection.ts';
import { readPatches } from './readings.ts';
import { type CameraSettings, channelSchema, type Printer, type View } from './settings.ts';
import { careful, drawView } from './views.ts';

const { images, pictures } = testImages(12, 16);
const sheet = layOut(images, 'channel')[0]!;
const pixelsPerMm = 4;
const picture = renderSheet(sheet, pictures, pixelsPerMm);

/** A small camera that shows light as it is. */
const plain: CameraSettings = {
  ...cameras['webcam-720p'],
  width: 800,
  height: 600,
  distortion: [0, 0],
  vignetting: 0,
  blur: 0,
  fullWell: 1e6,
  readNoise: 0,
  bayer: false,
  whiteBalance: [1, 1, 1],
  contrast: 0,
  sharpening: 0,
  jpegQuality: 0,
};
const upright: View = {
  yaw: 0,
  pitch: 0,
  roll: 0,
  distance: distanceFor(plain, 297, 570),
  offset: [0, 0],
  bend: 0,
  bendDirection: 0,
  exposure: 0,
  defocus: 0,
  motion: 0,
  motionDirection: 0,
  falloff: 1,
  falloffDirection: 0,
  lightColour: [1, 1, 1],
  glare: 0,
  glarePlace: [0, 0],
  glareSize: 10,
};
const even: Printer = { ...printers['office-laser'], mottle: 0, grain: 0, spread: 0 };

const prints = new Map<string, Print>();

/** A print, made once for each printer and seed. */
function printed(printer: Printer, seed: number): Print {
  const key = JSON.stringify([printer, seed]);
  const print = prints.get(key) ?? printSheet(picture, pixelsPerMm, printer, seeded(seed));
  prints.set(key, print);
  return print;
}

function shoot(camera: Partial<CameraSettings>, view: Partial<View>, printer: Printer = even, seed = 1) {
  return capture(
    printed(printer, seed),
    sheet,
    { ...plain, ...camera },
    { ...upright, ...view },
    seeded(seed),
  );
}

function greenAt({ width, data }: Raster, [x, y]: readonly [number, number]): number {
  return data[(Math.floor(y) * width + Math.floor(x)) * 3 + 1]!;
}

describe('where things are seen', () => {
  test('head-on, a sheet takes its share of the frame, its middle in the middle', () => {
    const { toPixels } = projectionOf(sheet.paper, plain, upright);
    const [left, top] = toPixels(0, 0);
    const [right, bottom] = toPixels(210, 297);
    expect(bottom - top).toBeCloseTo(570, 6);
    expect(right - left).toBeCloseTo((570 * 210) / 297, 6);
    expect([(left + right) / 2, (top + bottom) / 2]).toEqual([400, 300]);
  });

  test('turning, bending and distorting do what their names say', () => {
    const seen = (view: Partial<View>, camera: Partial<CameraSettings> = {}) =>
      projectionOf(sheet.paper, { ...plain, ...camera }, { ...upright, ...view }).toPixels;
    // A quarter turn clockwise takes the upper left corner to the upper right.
    const turned = seen({ roll: 90 })(0, 0);
    expect(turned[0]).toBeGreaterThan(400);
    expect(turned[1]).toBeLessThan(300);
    // The right side comes nearer, and so larger, for a yaw to one side; the upper one for a pitch.
    const height = (x: number) => seen({ yaw: 30 })(x, 297)[1] - seen({ yaw: 30 })(x, 0)[1];
    expect(height(210)).toBeGreaterThan(1.1 * height(0));
    // Bending keeps lengths on paper, so that the outline shrinks; along the axis nothing changes.
    const bent = seen({ bend: 3 });
    expect(bent(210, 148.5)[0] - bent(0, 148.5)[0]).toBeLessThan(
      0.97 * (seen({})(210, 148.5)[0] - seen({})(0, 148.5)[0]),
    );
    expect(bent(105, 148.5)[0]).toBeCloseTo(400, 6);
    // A barrel draws corners in.
    const barrel = seen({}, { distortion: [-0.2, 0] });
    expect(barrel(0, 0)[0]).toBeGreaterThan(seen({})(0, 0)[0]);
    expect(barrel(105, 148.5)).toEqual([400, 300]);
  });

  test('the frame shows what the truth says', () => {
    const view = {
      yaw: 25,
      pitch: -15,
      roll: 8,
      distance: 1.25 * upright.distance,
      bend: 1.5,
      bendDirection: 30,
    };
    const { frame, truth } = shoot({ distortion: [-0.1, 0.02] }, view);
    for (const { x, y, size } of sheet.markers) {
      const cell = size / 7;
      // The border is black, the paper beside it white, a pixel to each side of the edge.
      const black = greenAt(frame, truth.toPixels(x + cell / 2, y + size / 2));
      const white = greenAt(frame, truth.toPixels(x - cell / 2, y + size / 2));
      expect(white - black).toBeGreaterThan(120);
    }
    for (const [k, corners] of truth.cells.entries()) {
      const { x, y, width, height } = sheet.cells[k]!;
      expect(corners[2]).toEqual(truth.toPixels(x + width, y + height));
    }
  });
});

test('edges lie where they should to a few hundredths of a pixel', () => {
  const { frame, truth } = shoot({ width: 1000, height: 750, blur: 0.5 }, { yaw: 20, pitch: 10 });
  for (const { x, y, size } of sheet.markers.slice(0, 4)) {
    const [px, py] = truth.toPixels(x, y + size / 2);
    const row = Math.floor(py);
    // Light along the row through the left edge: where it is half way between white and black.
    const light = (i: number) => lightOfLevel[frame.data[(row * frame.width + Math.floor(px) + i) * 3 + 1]!]!;
    const [white, black] = [light(-4), light(2)];
    let dark = 0;
    for (let i = -4; i < 3; i++) dark += (white - light(i)) / (white - black);
    const edge = Math.floor(px) + 3 - dark;
    const [qx, qy] = truth.toPixels(x, y + size / 2 + 1);
    const expected = px + ((row + 0.5 - py) * (qx - px)) / (qy - py);
    expect(Math.abs(edge - expected)).toBeLessThan(0.15);
  }
});

test('the same seed gives the same bytes, another one others', () => {
  const settings = { fullWell: 500, bayer: true, jpegQuality: 80, width: 240, height: 184 };
  const view = { distance: 3 * upright.distance };
  const bytes = (seed: number) =>
    Buffer.from(shoot(settings, view, printers['office-laser'], seed).frame.data);
  expect(bytes(3).equals(bytes(3))).toBe(true);
  expect(bytes(3).equals(bytes(4))).toBe(false);
});

test('every setting of camera and view changes the frame', () => {
  const small = { width: 240, height: 180, fullWell: 3000 };
  const at = { distance: distanceFor({ ...plain, ...small }, 297, 160) };
  const hash = (camera: Partial<CameraSettings>, view: Partial<View>) =>
    Buffer.from(shoot({ ...small, ...camera }, { ...at, ...view }).frame.data).toString('base64');
  const before = hash({}, {});
  const changes: [Partial<CameraSettings>, Partial<View>][] = [
    [{ fieldOfView: 50 }, {}],
    [{ distortion: [-0.1, 0] }, {}],
    [{ vignetting: 0.4 }, {}],
    [{ blur: 1 }, {}],
    [{ fullWell: 300 }, {}],
    [{ readNoise: 30 }, {}],
    [{ bayer: true }, {}],
    [{ whiteBalance: [1.1, 1, 1] }, {}],
    [{ contrast: 0.4 }, {}],
    [{ sharpening: 1 }, {}],
    [{ jpegQuality: 40 }, {}],
    [{}, { yaw: 10 }],
    [{}, { pitch: 10 }],
    [{}, { roll: 10 }],
    [{}, { offset: [0.05, 0] }],
    [{}, { bend: 1 }],
    [{}, { exposure: 0.5 }],
    [{}, { defocus: 1 }],
    [{}, { motion: 3 }],
    [{}, { falloff: 0.5 }],
    [{}, { lightColour: [1, 1, 0.9] }],
    [{}, { glare: 0.5 }],
  ];
  for (const [camera, view] of changes) {
    expect([camera, view, hash(camera, view) === before]).toEqual([camera, view, false]);
  }
});

test('views drawn at random show the whole sheet', () => {
  for (const camera of [cameras['webcam-1080p'], cameras['phone-12mp']]) {
    for (let seed = 0; seed < 30; seed++) {
      const view = drawView(sheet.paper, camera, { ...careful, angle: 50, bend: 2 }, seeded(seed));
      channelSchema.shape.view.parse(view);
      const { toPixels } = projectionOf(sheet.paper, camera, view);
      for (const [x, y] of [
        [0, 0],
        [210, 0],
        [210, 297],
        [0, 297],
      ] as const) {
        const [px, py] = toPixels(x, y);
        expect(px >= 0 && py >= 0 && px <= camera.width && py <= camera.height).toBe(true);
      }
    }
  }
});

test('presets are what the schema takes', () => {
  for (const printer of Object.values(printers)) channelSchema.shape.printer.parse(printer);
  for (const camera of Object.values(cameras)) channelSchema.shape.camera.parse(camera);
});

describe('fitting the channel to a photograph', () => {
  const truth = { exposure: -0.4, lightColour: [1.15, 1, 0.85] as [number, number, number] };

  test('exposure, light, dot gain and black come out as they went in', () => {
    const printer: Printer = {
      ...printers['office-laser'],
      dotGain: 0.12,
      inks: { ...printers['office-laser'].inks, black: [0.07, 0.07, 0.07] },
    };
    const camera = { ...cameras['webcam-1080p'], width: 800, height: 600, jpegQuality: 0, vignetting: 0.1 };
    const shot = shoot(camera, { ...truth, yaw: 15, falloff: 0.8, falloffDirection: 30 }, printer);
    const readings = readPatches(shot.frame, sheet, shot.truth.toPixels, camera.contrast);
    const fitted = fitChannel(readings, printers['office-laser'], camera);
    expect(fitted.patches).toBe(23);
    expect(Math.abs(fitted.exposure - truth.exposure)).toBeLessThan(0.35);
    expect(Math.abs(fitted.lightColour[0] - truth.lightColour[0])).toBeLessThan(0.04);
    expect(Math.abs(fitted.lightColour[2] - truth.lightColour[2])).toBeLessThan(0.04);
    expect(Math.abs(fitted.printer.dotGain - printer.dotGain)).toBeLessThan(0.03);
    expect(Math.abs(fitted.printer.inks.black[1] - 0.07)).toBeLessThan(0.02);
    expect(fitted.residual).toBeLessThan(8);
  });

  test('an overexposed sheet is refused', () => {
    const shot = shoot({}, { exposure: 1.5 });
    const readings = readPatches(shot.frame, sheet, shot.truth.toPixels);
    expect(() => fitChannel(readings, even, plain)).toThrow('over- or underexposed');
  });

  test.each([0.8, 1.8])('a blur of %f pixels is read from the edges', (defocus) => {
    const { frame, truth: seen } = shoot({ width: 1000, height: 750 }, { defocus, yaw: 10, exposure: -0.3 });
    expect(Math.abs(edgeBlur(frame, sheet, seen.toPixels) - defocus)).toBeLessThan(0.25);
  });
});
