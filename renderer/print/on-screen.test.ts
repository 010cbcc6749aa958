import { describe, expect, it } from 'vitest';
import { cutCells } from '../../lab/vision/finder/cut.ts';
import { findSheet, frameOf, loadOpenCv } from '../../lab/vision/live.ts';
import type { Raster } from '../../lab/vision/raster.ts';
import type { CellImage, Sheet } from '../../lab/vision/sheet/geometry.ts';
import { layOut } from '../../lab/vision/sheet/layout.ts';
import { fitScreen, screenPicture, viewWords } from './on-screen.ts';

const size = 32;

function sheetOf(edge = size): Sheet {
  const images = Array.from(
    { length: 12 },
    (_, i): CellImage => ({
      ...{ file: `images/clean/${i}.png`, width: edge, height: edge },
      ...{ source: i, label: 0, variant: 'clean' },
    }),
  );
  return layOut(images, 'screen', { imageSize: 40 })[0]!;
}

/** A picture that is different in every pixel, and for every cell. */
function picture(seed: number, edge = size): Raster {
  const data = Uint8Array.from(
    { length: edge * edge * 3 },
    (_, i) => (i * 37 + seed * 101 + (i >> 5) * 53) % 256,
  );
  return { width: edge, height: edge, data };
}

const screen = { width: 1920, height: 1080 };

describe('a sheet on a screen', () => {
  it('is as large as whole pixels allow, and lies where that is larger', () => {
    const view = fitScreen(sheetOf(), screen);
    expect(view).toMatchObject({ crisp: true, turned: true });
    expect(view.zoom).toBe(Math.floor(Math.min(1920 / 297, 1080 / 210) / (size / 40)));
    expect(viewWords(view)).toMatch(/^×6/);
    expect(fitScreen(sheetOf(), screen, false)).toMatchObject({ zoom: 4, turned: false });
  });

  it('says so where the screen has too few pixels', () => {
    const view = fitScreen(sheetOf(448), screen);
    expect(view.crisp).toBe(false);
    expect(view.zoom).toBeLessThan(1);
    expect(viewWords(view)).toMatch(/too few pixels/);
    expect(Math.max(297 * view.pixelsPerMm - 1920, 210 * view.pixelsPerMm - 1080)).toBeCloseTo(0);
  });

  it.each([false, true])(
    'has every pixel of every image in it, square and untouched (turned: %s)',
    (turned) => {
      const sheet = sheetOf();
      const images = sheet.cells.map((_, i) => picture(i));
      const view = fitScreen(sheet, screen, turned);
      const shown = screenPicture(sheet, images, view);
      const at = (x: number, y: number) => {
        const [column, row] = turned ? [shown.width - 1 - y, x] : [x, y];
        return [...shown.data.slice((row * shown.width + column) * 4, (row * shown.width + column) * 4 + 3)];
      };
      const { x, y } = sheet.cells[7]!;
      const [x0, y0] = [Math.round(x * view.pixelsPerMm), Math.round(y * view.pixelsPerMm)];
      for (const [column, row] of [
        [0, 0],
        [31, 0],
        [5, 17],
        [31, 31],
      ] as const) {
        const wanted = [...images[7]!.data.slice((row * size + column) * 3, (row * size + column) * 3 + 3)];
        const [left, top] = [x0 + column * view.zoom, y0 + row * view.zoom];
        expect(at(left, top)).toEqual(wanted);
        expect(at(left + view.zoom - 1, top + view.zoom - 1)).toEqual(wanted);
      }
    },
  );

  it('is found as a print is, and its images come out as they are', async () => {
    const sheet = sheetOf();
    const images = sheet.cells.map((_, i) => picture(i));
    const shown = screenPicture(sheet, images, fitScreen(sheet, screen));
    // A screen's picture with its grey surroundings.
    const frame = { ...screen, data: new Uint8ClampedArray(screen.width * screen.height * 4).fill(128) };
    for (let row = 0; row < shown.height; row++) {
      const line = shown.data.subarray(row * shown.width * 4, (row + 1) * shown.width * 4);
      frame.data.set(line, (row * screen.width + ((screen.width - shown.width) >> 1)) * 4);
    }
    const found = findSheet(await loadOpenCv(), frameOf(frame), { sheets: [sheet] });
    if (!found.found) throw new Error(found.message);
    const crops = cutCells(frameOf(frame), found);
    const errors = crops.flatMap(({ raster }, i) => {
      return [...raster.data].map((level, at) => Math.abs(level - images[i]!.data[at]!));
    });
    // Half a pixel of the screen aside is a twelfth of an image's pixel.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(16);
  });
});
