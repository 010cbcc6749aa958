import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { loadOpenCv, type OpenCv } from '../opencv.ts';
import { sheetSchema } from '../sheet/geometry.ts';
import { layOut } from '../sheet/layout.ts';
import { testImages } from '../sheet/testing.ts';
import { calibrationBoard } from './board.ts';
import { calibrate } from './calibrate.ts';
import { findSheet } from './find.ts';
import type { FindOptions, FoundSheet } from './finding.ts';
import type { Frame } from './frame.ts';
import { cameraSchema, distort, undistort } from './lens.ts';
import { toFrame, toSheet } from './sheet-map.ts';
import { cornerErrors } from './testing.ts';

/** Simulated photographs, and where each cell's corners truly lie in them. */
const folder = new URL('../../../fixtures/sheets/', import.meta.url);
const json = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const sheets = ['sheet-1.json', 'sheet-2.json'].map((name) => sheetSchema.parse(json(name)));
const truths = json('truth.json') as Record<string, { cells: [number, number][][] }>;

async function photo(name: string): Promise<Frame> {
  const image = sharp(new URL(`${name}.jpg`, folder).pathname).raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

let cv: OpenCv;
let plain: Frame;
beforeAll(async () => {
  cv = await loadOpenCv();
  plain = await photo('plain');
});

async function found(name: string, options: Partial<FindOptions> = {}): Promise<FoundSheet> {
  const finding = findSheet(cv, await photo(name), { sheets, ...options });
  if (!finding.found) throw new Error(`${name}: ${finding.message}`);
  return finding;
}

/** The largest error of a crop's corner, in pixels. */
function worst(name: string, finding: FoundSheet): number {
  return Math.max(...cornerErrors(finding, truths[name]!).pixels);
}

function reasonFor(frame: Frame, known = sheets): string {
  const finding = findSheet(cv, frame, { sheets: known });
  return finding.found ? 'found' : finding.reason;
}

/** Two pictures beside each other. */
function beside(left: Frame, right: Frame): Frame {
  const width = left.width + right.width;
  const data = new Uint8Array(width * left.height * 3);
  for (let row = 0; row < left.height; row++) {
    data.set(left.data.subarray(row * left.width * 3, (row + 1) * left.width * 3), row * width * 3);
    data.set(
      right.data.subarray(row * right.width * 3, (row + 1) * right.width * 3),
      (row * width + left.width) * 3,
    );
  }
  return { width, height: left.height, data };
}

/** Some columns of a picture. */
function columns({ width, height, data }: Frame, from: number, to: number): Frame {
  const part = new Uint8Array((to - from) * height * 3);
  for (let row = 0; row < height; row++) {
    part.set(data.subarray((row * width + from) * 3, (row * width + to) * 3), row * (to - from) * 3);
  }
  return { width: to - from, height, data: part };
}

/** A picture that moved along its rows while it was taken. */
function moved({ width, height, data }: Frame, pixels: number): Frame {
  const smeared = new Uint8Array(data.length);
  for (let i = 0; i < width * height; i++) {
    const row = Math.floor(i / width) * width;
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (let k = 0; k < pixels; k++) sum += data[(row + ((i - row + k) % width)) * 3 + c]!;
      smeared[i * 3 + c] = sum / pixels;
    }
  }
  return { width, height, data: smeared };
}

function mirrored({ width, height, data }: Frame): Frame {
  const flipped = new Uint8Array(data.length);
  for (let i = 0; i < width * height; i++) {
    const from = (Math.floor(i / width) * width + width - 1 - (i % width)) * 3;
    flipped.set(data.subarray(from, from + 3), i * 3);
  }
  return { width, height, data: flipped };
}

test.each([0, 1, 2])(
  'frame %i within what is required: the right sheet, corners well below a pixel',
  async (i) => {
    const finding = await found(`required-${i}`);
    expect(finding.sheet.sheet).toBe(1 + (i % 2));
    expect(worst(`required-${i}`, finding)).toBeLessThan(0.3);
  },
);

test.each(['plain', 'turned', 'upside-down', 'blurred', 'dark', 'bright'])(
  '%s: found, which way up is known',
  async (name) => {
    const finding = await found(name);
    expect(worst(name, finding)).toBeLessThan(0.25);
    const place = { x: 31, y: 250 };
    const back = toSheet(finding.map, toFrame(finding.map, place));
    expect(Math.hypot(back.x - place.x, back.y - place.y)).toBeLessThan(1e-6);
  },
);

test('two marks covered, half of a third: the others carry the sheet', async () => {
  const finding = await found('covered');
  expect(finding.markers.length).toBeLessThan(finding.sheet.markers.length - 1);
  expect(worst('covered', finding)).toBeLessThan(0.3);
});

test('bent paper is followed where it bends, and flat paper is left flat', async () => {
  const finding = await found('bent');
  expect(worst('bent', finding)).toBeLessThan(1);
  const { bend, ...flat } = finding.map;
  expect(bend).toBeDefined();
  expect(worst('bent', { ...finding, map: flat })).toBeGreaterThan(2);
  expect((await found('tilted')).map.bend).toBeUndefined();
});

test('the lens of a calibrated camera is corrected', async () => {
  const camera = cameraSchema.parse(json('barrel-camera.json'));
  const finding = await found('barrel', { camera });
  expect(finding.map.bend).toBeUndefined();
  expect(worst('barrel', finding)).toBeLessThan(0.2);
  const point = { x: 40, y: 90 };
  const there = distort(camera, undistort(camera, point));
  expect(Math.hypot(there.x - point.x, there.y - point.y)).toBeLessThan(1e-6);
});

test('a camera is calibrated by a board: focal length, middle and distortion', async () => {
  const truth = cameraSchema.parse(json('barrel-camera.json'));
  const board = calibrationBoard();
  const views: FoundSheet[] = [];
  for (const i of [1, 2, 3, 4, 5]) views.push(await found(`board-${i}`, { sheets: [board] }));
  const camera = calibrate(cv, views, { width: truth.width, height: truth.height });
  expect(camera.reprojectionError).toBeLessThan(0.3);
  expect(Math.abs(camera.fx / truth.fx - 1)).toBeLessThan(0.01);
  expect(Math.hypot(camera.cx - truth.cx, camera.cy - truth.cy)).toBeLessThan(5);
  // What counts is where rays go: a corner of the frame, seen through the truth and through what was found.
  const corner = distort(truth, { x: 1200, y: 100 });
  const estimate = distort(camera, {
    x: ((1200 - truth.cx) / truth.fx) * camera.fx + camera.cx,
    y: ((100 - truth.cy) / truth.fy) * camera.fy + camera.cy,
  });
  expect(Math.hypot(corner.x - estimate.x, corner.y - estimate.y)).toBeLessThan(4);
  expect(() => calibrate(cv, views.slice(0, 2), truth)).toThrow(/4 are the least/);
});

test('a live view follows the sheet from frame to frame', async () => {
  const previous = await found('plain');
  expect(worst('next', await found('next', { previous }))).toBeLessThan(0.2);
  // What is somewhere else is found anew.
  expect(worst('turned', await found('turned', { previous }))).toBeLessThan(0.25);
});

test('what can’t be used is refused with its reason', async () => {
  const other = layOut(testImages(4, 32).images, 'another run');
  const grey = { width: 640, height: 480, data: new Uint8Array(640 * 480 * 3).fill(120) };
  expect(reasonFor(grey)).toBe('none');
  expect(reasonFor({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) })).toBe('none');
  expect(reasonFor(mirrored(plain))).toBe('mirrored');
  expect(reasonFor(plain, other)).toBe('foreign');
  const half = columns(plain, 0, plain.width / 2);
  expect(reasonFor(half)).toBe('half');
  expect(reasonFor(beside(plain, await photo('second')))).toBe('two');
  expect(reasonFor(beside(plain, plain))).toBe('two');
});

test('a picture that moved so far that no mark can be read is called blurred, not empty', () => {
  expect(reasonFor(moved(plain, 16))).toBe('blurred');
});

test('the QR code tells runs apart that use the same marks', async () => {
  expect(await found('fine')).toMatchObject({ isConfirmed: true });
  const photograph = await photo('fine');
  for (const name of ['impostor', 'fixturet', 'a']) {
    const impostor = sheets.map((sheet) => ({
      ...sheet,
      qr: { ...sheet.qr!, text: `halftone:${name}#${sheet.sheet}` },
    }));
    expect(reasonFor(photograph, impostor), name).toBe('foreign');
  }
});

test('frames that are none, and foreign dictionaries, are refused in words', () => {
  const short = { width: 4, height: 4, data: new Uint8Array(5) };
  expect(() => findSheet(cv, short, { sheets })).toThrow(/48 bytes, not 5/);
  const odd = [{ ...sheets[0]!, dictionary: 'DICT_4X4_50' }];
  expect(() => findSheet(cv, plain, { sheets: odd })).toThrow(/DICT_4X4_50/);
});

test('finding gives OpenCV’s memory back', () => {
  /** Where the next large matrix comes to lie. */
  const next = () => {
    const mat = new cv.Mat(2048, 2048, cv.CV_8UC1);
    const at = mat.data.byteOffset;
    mat.delete();
    return at;
  };
  findSheet(cv, plain, { sheets });
  const before = next();
  for (let i = 0; i < 5; i++) findSheet(cv, plain, { sheets });
  expect(next()).toBe(before);
});
