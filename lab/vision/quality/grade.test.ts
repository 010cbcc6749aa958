import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { findSheet } from '../finder/find.ts';
import type { Frame } from '../finder/frame.ts';
import { loadOpenCv } from '../opencv.ts';
import { rectify } from '../rectify.ts';
import { sheetSchema } from '../sheet/geometry.ts';
import { renderSheet } from '../sheet/render.ts';
import { type CaptureGrade, gradeCapture } from './grade.ts';

const folder = new URL('../../../fixtures/sheets/', import.meta.url);
const sheet = sheetSchema.parse(JSON.parse(readFileSync(new URL('sheet-1.json', folder), 'utf8')));
const cv = await loadOpenCv();

async function photo(name: string): Promise<Frame> {
  const image = sharp(new URL(`${name}.jpg`, folder).pathname).raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function gradeOf(name: string): Promise<CaptureGrade> {
  const frame = await photo(name);
  const finding = findSheet(cv, frame, { sheets: [sheet] });
  if (!finding.found) throw new Error(`${name}: ${finding.message}`);
  return gradeCapture(frame, finding);
}

test('a good photograph has nothing said against it, and its figures are those of the view', async () => {
  const grade = await gradeOf('plain');
  expect(grade.faults).toEqual([]);
  expect(grade.crops.every(({ faults }) => faults.length === 0)).toBe(true);
  expect(grade.angle).toBeLessThan(2);
  // 1280 pixels over 62° from 420 mm.
  expect(grade.dpi).toBeCloseTo((25.4 * 1280) / (2 * 420 * Math.tan((31 * Math.PI) / 180)), -1);
  expect(grade.edgeWidth).toBeGreaterThan(1);
  expect(grade.edgeWidth).toBeLessThan(3.5);
  expect((await gradeOf('tilted')).angle).toBeGreaterThan(25);
});

test('what is poor is called by its name', async () => {
  const blurred = await gradeOf('blurred');
  expect(blurred.faults.join()).toMatch(/^out of focus: edges are [5-9]\.\d px wide/);
  expect(blurred.crops[0]?.faults[0]).toMatch(/^out of focus/);
  // A blur of 3 px beside the lens's own takes 7.9 px from 10 to 90%, less what the camera sharpens.
  expect(blurred.edgeWidth).toBeGreaterThan(5.5);
  expect(blurred.edgeWidth).toBeLessThan(9);
  expect((await gradeOf('moved')).faults.join()).toMatch(/^moved: edges are/);
  expect((await gradeOf('dark')).faults.join()).toMatch(/^too dark/);
  expect((await gradeOf('bright')).faults.join()).toMatch(/^over-exposed/);
});

test('glare is found on the images it lies over, and on no other', async () => {
  const grade = await gradeOf('glare');
  const glaring = grade.crops.filter(({ glare }) => glare > 0.02).map(({ index }) => index);
  expect(glaring.length).toBeGreaterThan(0);
  const lamp = { x: 0.3 * sheet.paper.width, y: 0.4 * sheet.paper.height };
  for (const index of glaring) {
    const { x, y, width, height } = sheet.cells[index]!;
    expect(Math.hypot(x + width / 2 - lamp.x, y + height / 2 - lamp.y)).toBeLessThan(60);
  }
  expect(grade.faults.join()).toMatch(/glare over images?/);
});

test('crops show the images upright, and whitened ones are as bright as was printed', async () => {
  const frame = await photo('upside-down');
  const size = { width: 32, height: 32 };
  const result = rectify(cv, frame, { sheets: [sheet], size, whiten: true });
  if (!('crops' in result)) throw new Error(result.message);
  expect(result.crops).toHaveLength(sheet.cells.length);
  for (const { raster, cell } of result.crops) {
    expect(raster.data).toHaveLength(32 * 32 * 3);
    // The test pictures grow greener to the right and bluer downward.
    const mean = (c: number, choose: (x: number, y: number) => boolean) => {
      let [sum, count] = [0, 0];
      for (let i = 0; i < 1024; i++) {
        if (!choose(i % 32, Math.floor(i / 32))) continue;
        sum += raster.data[3 * i + c]!;
        count += 1;
      }
      return sum / count;
    };
    expect(mean(1, (x) => x > 24) - mean(1, (x) => x < 8), cell.image.file).toBeGreaterThan(60);
    expect(mean(2, (_, y) => y > 24) - mean(2, (_, y) => y < 8), cell.image.file).toBeGreaterThan(50);
  }
});

test('cutting a sheet out of its own picture gives the images back', () => {
  const picture = { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, (_, i) => (i * 7) % 200) };
  // On whole pixels of the frame, four for each of the image's.
  const cell = { ...sheet.cells[0]!, x: 40, y: 80, width: 32, height: 32 };
  const only = { ...sheet, cells: [cell] };
  const frame = renderSheet(only, [picture], 4);
  const result = rectify(cv, frame, { sheets: [only] });
  if (!('crops' in result)) throw new Error(result.message);
  const off = Array.from(result.crops[0]!.raster.data, (value, i) => Math.abs(value - picture.data[i]!));
  expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(2);
});
