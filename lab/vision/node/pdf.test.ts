import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Raster } from '../raster.ts';
import { layOut } from '../sheet/layout.ts';
import { renderSheet } from '../sheet/render.ts';
import { testImages } from '../sheet/testing.ts';
import { sheetsPdf } from './pdf.ts';
import { readPicture } from './pictures.ts';

const run = promisify(execFile);
const poppler = await run('pdftoppm', ['-v']).then(
  () => true,
  () => false,
);

const made = testImages(4, 24, 20);
const [sheet] = layOut(made.images, 'ε-run');

test('the same sheets give the same bytes', async () => {
  const pdf = await sheetsPdf([sheet!, sheet!], [made.pictures, made.pictures]);
  expect(Buffer.from(pdf).equals(await sheetsPdf([sheet!, sheet!], [made.pictures, made.pictures]))).toBe(
    true,
  );
  expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
  await expect(sheetsPdf([sheet!], [])).rejects.toThrow('no picture for');
});

describe.skipIf(!poppler)('as poppler (pdftoppm, pdfimages) sees the PDF', () => {
  let folder: string;
  let page: Raster;
  const dpi = 300;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-pdf-'));
    const path = join(folder, 'sheets.pdf');
    await writeFile(path, await sheetsPdf([sheet!], [made.pictures]));
    await run('pdftoppm', ['-r', String(dpi), '-png', path, join(folder, 'page')]);
    await run('pdfimages', ['-png', path, join(folder, 'image')]);
    const pages = (await readdir(folder)).filter((name) => name.startsWith('page'));
    page = await readPicture(join(folder, pages[0]!));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Where along a line the picture is dark, in mm: the first and the last edge, between pixels by their shade. */
  function darkSpan(from: number, to: number, level: (i: number) => number): [number, number] {
    const crossing = (i: number) => (i + 0.5 + (level(i) - 127.5) / (level(i) - level(i + 1))) / (dpi / 25.4);
    let [first, last] = [Number.NaN, Number.NaN];
    for (let i = from; i < to; i++) {
      if (level(i) > 127.5 && level(i + 1) <= 127.5 && Number.isNaN(first)) first = crossing(i);
      if (level(i) <= 127.5 && level(i + 1) > 127.5) last = crossing(i);
    }
    return [first, last];
  }

  test('fiducials lie within 0.1 mm of where the geometry says', () => {
    const pixels = (mm: number) => Math.round((mm * dpi) / 25.4);
    for (const { x, y, size } of sheet!.markers) {
      // Through the black border's own cell: nothing white in between.
      const row = pixels(y + size / 14);
      const column = pixels(x + size / 14);
      const across = darkSpan(
        pixels(x - 2),
        pixels(x + size + 2),
        (i) => page.data[(row * page.width + i) * 3]!,
      );
      const down = darkSpan(
        pixels(y - 2),
        pixels(y + size + 2),
        (i) => page.data[(i * page.width + column) * 3]!,
      );
      for (const [seen, wanted] of [
        [across[0], x],
        [across[1], x + size],
        [down[0], y],
        [down[1], y + size],
      ]) {
        expect(Math.abs(seen! - wanted!)).toBeLessThan(0.1);
      }
    }
  });

  test('it shows what the rasteriser shows, but for the shapes of letters', () => {
    const { width, height, data } = renderSheet(sheet!, made.pictures, dpi / 25.4);
    expect([Math.abs(page.width - width) <= 1, Math.abs(page.height - height) <= 1]).toEqual([true, true]);
    let different = 0;
    for (let y = 0; y < Math.min(height, page.height); y += 3) {
      for (let x = 0; x < Math.min(width, page.width); x += 3) {
        const [a, b] = [(y * width + x) * 3 + 1, (y * page.width + x) * 3 + 1];
        if (Math.abs(data[a]! - page.data[b]!) > 8) different += 1;
      }
    }
    expect(different / (width * height)).toBeLessThan(0.01 / 9);
  });

  test('images go in losslessly at their own pixels', async () => {
    const names = (await readdir(folder)).filter((name) => name.startsWith('image')).sort();
    expect(names).toHaveLength(made.pictures.length);
    for (const [i, name] of names.entries()) {
      const back = await readPicture(join(folder, name));
      expect([back.width, back.height]).toEqual([24, 20]);
      expect(Buffer.from(back.data).equals(Buffer.from(made.pictures[i]!.data))).toBe(true);
    }
  });
});
