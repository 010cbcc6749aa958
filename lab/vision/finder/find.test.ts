import { seeded } from '@halftone/sdk';
import { beforeAll, expect, test } from 'vitest';
import { capture } from '../channel/capture.ts';
import { cameras, printers } from '../channel/presets.ts';
import { printSheet } from '../channel/print.ts';
import type { CameraSettings, View } from '../channel/settings.ts';
import { loadOpenCv, type OpenCv } from '../opencv.ts';
import type { Raster } from '../raster.ts';
import { findSheet } from './find.ts';
import type { Frame } from './frame.ts';
import { toFrame, toSheet } from './sheet-map.ts';
import {
  calibrationOf,
  cornerErrors,
  drawFrame,
  plainView,
  required,
  testSheets,
  withThumb,
} from './testing.ts';

let cv: OpenCv;
beforeAll(async () => {
  cv = await loadOpenCv();
});

const run = testSheets('finder test', 24);
const sheets = run.sheets;

/** A small camera, so that tests are quick. */
const small: CameraSettings = {
  ...cameras['webcam-1080p'],
  width: 960,
  height: 720,
  distortion: [0, 0],
  jpegQuality: 0,
};
const near: View = { ...plainView, distance: 430 };

function shoot(
  index: number,
  view: Partial<View> = {},
  picture: Raster = run.pictures[index]!,
  camera = small,
) {
  const print = printSheet(picture, 5, printers['office-laser'], seeded('print'));
  return capture(print, sheets[index]!, camera, { ...near, ...view }, seeded('capture'));
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

/** The left columns of a picture. */
function leftOf({ width, height, data }: Frame, columns: number): Frame {
  const cut = new Uint8Array(columns * height * 3);
  for (let row = 0; row < height; row++) {
    cut.set(data.subarray(row * width * 3, (row * width + columns) * 3), row * columns * 3);
  }
  return { width: columns, height, data: cut };
}

function mirrored({ width, height, data }: Frame): Frame {
  const flipped = new Uint8Array(data.length);
  for (let i = 0; i < width * height; i++) {
    const from = (Math.floor(i / width) * width + width - 1 - (i % width)) * 3;
    flipped.set(data.subarray(from, from + 3), i * 3);
  }
  return { width, height, data: flipped };
}

test.each([0, 1, 2, 3, 4])(
  'frame %i within what is required: the right sheet, corners to a fifth of a pixel',
  (i) => {
    const which = i % sheets.length;
    const { frame, truth } = drawFrame(sheets[which]!, run.pictures[which]!, required, `test/${i}`);
    const finding = findSheet(cv, frame, { sheets });
    expect(finding).toMatchObject({ found: true, sheet: { sheet: sheets[which]!.sheet } });
    if (!finding.found) return;
    const { pixels } = cornerErrors(finding, truth);
    expect(Math.max(...pixels)).toBeLessThan(0.3);
  },
);

test('upside down and on its side, the map knows which way up, and back', () => {
  for (const roll of [90, 180]) {
    const { frame, truth } = shoot(0, { roll, distance: 560 });
    const finding = findSheet(cv, frame, { sheets });
    if (!finding.found) throw new Error(finding.message);
    expect(Math.max(...cornerErrors(finding, truth).pixels)).toBeLessThan(0.15);
    const place = { x: 31, y: 250 };
    const back = toSheet(finding.map, toFrame(finding.map, place));
    expect(Math.hypot(back.x - place.x, back.y - place.y)).toBeLessThan(1e-6);
  }
});

test('two marks covered, half of a third: the others carry the sheet', () => {
  const [first, second, , fourth] = sheets[0]!.markers;
  let picture = withThumb(run.pictures[0]!, [first!.x + 9, first!.y + 9], 13);
  picture = withThumb(picture, [second!.x + 9, second!.y + 9], 13);
  picture = withThumb(picture, [fourth!.x, fourth!.y + 9], 9);
  const { frame, truth } = shoot(0, { yaw: 20, pitch: 15 }, picture);
  const finding = findSheet(cv, frame, { sheets });
  if (!finding.found) throw new Error(finding.message);
  expect(finding.markers.length).toBeLessThan(sheets[0]!.markers.length);
  expect(Math.max(...cornerErrors(finding, truth).pixels)).toBeLessThan(0.3);
});

test('bent paper is followed where it bends, and flat paper is left flat', () => {
  const bent = shoot(0, { bend: 1.2, bendDirection: 10, pitch: 30, yaw: 10, distance: 480 });
  const finding = findSheet(cv, bent.frame, { sheets });
  if (!finding.found) throw new Error(finding.message);
  expect(finding.map.bend).toBeDefined();
  expect(Math.max(...cornerErrors(finding, bent.truth).pixels)).toBeLessThan(1);
  const { bend: _, ...flat } = finding.map;
  expect(Math.max(...cornerErrors({ ...finding, map: flat }, bent.truth).pixels)).toBeGreaterThan(2);
  const straight = findSheet(cv, shoot(0, { pitch: 30, yaw: 10, distance: 480 }).frame, { sheets });
  expect(straight.found && straight.map.bend).toBeUndefined();
});

test('the lens of a calibrated camera is corrected', () => {
  const camera: CameraSettings = { ...small, distortion: [-0.2, 0.05] };
  const { frame, truth } = shoot(0, { yaw: 25 }, run.pictures[0]!, camera);
  const finding = findSheet(cv, frame, { sheets, camera: calibrationOf(camera) });
  if (!finding.found) throw new Error(finding.message);
  expect(finding.map.bend).toBeUndefined();
  expect(Math.max(...cornerErrors(finding, truth).pixels)).toBeLessThan(0.15);
});

test('a live view follows the sheet from frame to frame', () => {
  const first = findSheet(cv, shoot(0).frame, { sheets });
  if (!first.found) throw new Error(first.message);
  const { frame, truth } = shoot(0, { yaw: 1, offset: [0.003, -0.002] });
  const next = findSheet(cv, frame, { sheets, previous: first });
  if (!next.found) throw new Error(next.message);
  expect(Math.max(...cornerErrors(next, truth).pixels)).toBeLessThan(0.15);
});

test('what can’t be used is refused with its reason', () => {
  const { frame } = shoot(0);
  const other = testSheets('some other run').sheets;
  const grey = { width: 640, height: 480, data: new Uint8Array(640 * 480 * 3).fill(120) };
  expect(reasonFor(grey)).toBe('none');
  expect(reasonFor({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) })).toBe('none');
  expect(reasonFor(mirrored(frame))).toBe('mirrored');
  expect(reasonFor(frame, other)).toBe('foreign');
  expect(reasonFor(leftOf(frame, 480))).toBe('half');
  const middle = leftOf(mirrored(leftOf(mirrored(frame), 720)), 480);
  expect(reasonFor(beside(middle, mirrored(mirrored(middle))))).not.toBe('found');
  expect(reasonFor(beside(frame, shoot(1).frame))).toBe('two');
  expect(reasonFor(beside(frame, frame))).toBe('two');
});

test('the QR code tells runs apart that use the same marks', () => {
  const { frame } = shoot(0, { distance: 400, defocus: 0 }, run.pictures[0]!, {
    ...small,
    width: 1440,
    height: 1080,
  });
  const finding = findSheet(cv, frame, { sheets });
  expect(finding).toMatchObject({ found: true, isConfirmed: true });
  const impostor = sheets.map((sheet) => ({
    ...sheet,
    run: 'impostor',
    qr: { ...sheet.qr!, text: `halftone:impostor#${sheet.sheet}` },
  }));
  expect(reasonFor(frame, impostor)).toBe('foreign');
});

test('frames that are none, and foreign dictionaries, are refused in words', () => {
  expect(() => findSheet(cv, { width: 4, height: 4, data: new Uint8Array(5) }, { sheets })).toThrow(
    /48 bytes, not 5/,
  );
  const odd = [{ ...sheets[0]!, dictionary: 'DICT_4X4_50' }];
  expect(() => findSheet(cv, { width: 1, height: 1, data: new Uint8Array(3) }, { sheets: odd })).toThrow(
    /DICT_4X4_50/,
  );
});

test('finding gives OpenCV’s memory back', () => {
  const { frame } = shoot(0);
  const used = () => (cv as unknown as { HEAPU8: Uint8Array }).HEAPU8.length;
  findSheet(cv, frame, { sheets });
  const before = used();
  for (let i = 0; i < 30; i++) findSheet(cv, frame, { sheets });
  expect(used()).toBe(before);
});
