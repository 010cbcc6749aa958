import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { DICTIONARY_SIZE, markerCells } from './dictionary.ts';
import { drawSheet } from './drawing.ts';
import { type Rectangle, type Sheet, sheetSchema } from './geometry.ts';
import { layOut } from './layout.ts';
import { renderSheet } from './render.ts';
import { testImages } from './testing.ts';

function picturesOf(sheet: Sheet, { images, pictures }: ReturnType<typeof testImages>) {
  return sheet.cells.map(({ image }) => pictures[images.findIndex(({ file }) => file === image.file)]!);
}

/** Everything that is printed, with the white that it needs about it. */
function printed({ markers, patches, qr, cells }: Sheet): Rectangle[] {
  const wide = (x: number, y: number, size: number, by: number) => ({
    x: x - by,
    y: y - by,
    width: size + 2 * by,
    height: size + 2 * by,
  });
  return [
    ...markers.map(({ x, y, size }) => wide(x, y, size, size / 7)),
    ...patches,
    wide(qr!.x, qr!.y, qr!.size, 1),
    ...cells,
  ];
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  const slack = 1e-6;
  const apart = (x: number, w: number, y: number, v: number) => x + w <= y + slack || y + v <= x + slack;
  return !apart(a.x, a.width, b.x, b.width) && !apart(a.y, a.height, b.y, b.height);
}

test.each([
  { paper: 'A4', imageSize: 34, expected: [24, 24, 2] },
  { paper: 'Letter', imageSize: 34, expected: [20, 20, 10] },
  { paper: 'A4', orientation: 'landscape', imageSize: 34, margin: 5, expected: [24, 24, 2] },
  { paper: 'A4', imageSize: 60, expected: [6, 6, 6, 6, 6, 6, 6, 6, 2] },
  { paper: 'Letter', imageSize: 20, markerSize: 12, columns: 3, arrangement: 'grid', expected: [27, 23] },
] as const)('sheets of $paper with images of $imageSize mm', ({ expected, ...settings }) => {
  const { images } = testImages(25, 48, 32);
  const sheets = layOut(images, 'run', settings);
  expect(sheets.map(({ cells }) => cells.length)).toEqual(expected);
  expect(sheets.flatMap(({ cells }) => cells.map(({ image }) => image))).toEqual(images);
  const ids = sheets.flatMap(({ markers }) => markers.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const sheet of sheets) {
    expect(sheetSchema.parse(JSON.parse(JSON.stringify(sheet)))).toEqual(sheet);
    const places = printed(sheet);
    for (const [i, a] of places.entries()) {
      expect(Math.min(a.x, a.y)).toBeGreaterThan(2);
      expect(a.x + a.width).toBeLessThan(sheet.paper.width - 2);
      expect(a.y + a.height).toBeLessThan(sheet.paper.height - 2);
      expect(places.slice(i + 1).filter((b) => overlap(a, b))).toEqual([]);
    }
    for (const { width, height } of sheet.cells) {
      expect(width).toBe(settings.imageSize);
      expect(height).toBeCloseTo((width * 32) / 48, 9);
    }
  }
});

test('versions of one image stay together: on a row where they fit, on a sheet where they fit', () => {
  const { images } = testImages(40);
  // Three versions of each source, four columns: a row has room for one source.
  const three = images.slice(0, 60).map((image, i) => ({ ...image, source: Math.floor(i / 3) }));
  const [first, second] = layOut(three, 'run') as [Sheet, Sheet];
  expect([first.cells.length, second.cells.length]).toEqual([18, 18]);
  for (let i = 0; i < 18; i += 3) {
    const group = first.cells.slice(i, i + 3);
    expect(new Set(group.map(({ y }) => y)).size).toBe(1);
    expect(new Set(group.map(({ image }) => image.source)).size).toBe(1);
  }
  // Five versions don't fit a row: they begin one.
  const five = images.slice(0, 60).map((image, i) => ({ ...image, source: Math.floor(i / 5) }));
  const page = layOut(five, 'run')[0]!;
  const left = Math.min(...page.cells.map(({ x }) => x));
  for (let i = 0; i < page.cells.length; i += 5) expect(page.cells[i]!.x).toBe(left);
  // Versions given apart come together.
  const apart = [...images.filter((_, i) => i % 2 === 0), ...images.filter((_, i) => i % 2 === 1)];
  expect(
    layOut(apart, 'run')[0]!
      .cells.map(({ image }) => image.source)
      .slice(0, 4),
  ).toEqual([0, 0, 1, 1]);
});

test.each([
  [{ imageSize: 200 }, 'images of 200 mm'],
  [{ columns: 9 }, "don't fit"],
  [{ markerSize: 40, imageSize: 5 }, 'marks of 40 mm'],
  [{ imageSize: 150, rows: 1, columns: 1, markerSize: 10 }, undefined],
  [{ margin: 1 }, 'sheet: margin'],
  [{ imagesize: 3 }, 'imagesize'],
])('settings %o', (settings, message) => {
  const { images } = testImages(1);
  const laying = () => layOut(images, 'run', settings as object);
  if (message === undefined) expect(laying()[0]!.cells).toHaveLength(1);
  else expect(laying).toThrow(message);
});

test('more sheets than the dictionary tells apart are refused', () => {
  const { images } = testImages(51);
  const settings = { imageSize: 100, rows: 1, columns: 1 };
  expect(() => layOut(images, 'run', settings)).toThrow('102 sheets');
  expect(layOut(images.slice(0, 100), 'run', settings)).toHaveLength(100);
});

test('a picture of a sheet is black, white and the images where the geometry says', () => {
  const made = testImages(6, 16, 8);
  const sheet = layOut(made.images, 'run')[0]!;
  const pixelsPerMm = 4.3;
  const pictures = picturesOf(sheet, made);
  const picture = renderSheet(sheet, pictures, pixelsPerMm);
  const at = (x: number, y: number) => {
    const start = (Math.floor(y * pixelsPerMm) * picture.width + Math.floor(x * pixelsPerMm)) * 3;
    return [...picture.data.subarray(start, start + 3)];
  };
  for (const { id, x, y, size } of sheet.markers) {
    const cells = [...markerCells(id).keys()];
    const seen = cells.map(
      (i) => at(x + ((i % 7) + 0.5) * (size / 7), y + (Math.floor(i / 7) + 0.5) * (size / 7))[1]! / 255,
    );
    expect(seen).toEqual([...markerCells(id)]);
  }
  for (const { x, y, width, height, rgb } of sheet.patches)
    expect(at(x + width / 2, y + height / 2)).toEqual(rgb);
  for (const [k, { x, y, width, height }] of sheet.cells.entries()) {
    const seen = Array.from({ length: 16 * 8 }, (_, i) =>
      at(x + ((i % 16) + 0.5) * (width / 16), y + (Math.floor(i / 16) + 0.5) * (height / 8)),
    );
    expect(seen.flat()).toEqual([...pictures[k]!.data]);
  }
  expect(() => renderSheet(sheet, pictures.slice(1), 4)).toThrow('no picture for images/5-1.png');
  const other = testImages(6).pictures;
  expect(() => renderSheet(sheet, other, 4)).toThrow('16 × 16 pixels, the sheet says 16 × 8');
  expect(drawSheet(sheet).filter(({ kind }) => kind === 'image')).toHaveLength(12);
});

test('an edge inside a pixel is its share of the light', () => {
  const made = testImages(1);
  const sheet = { ...layOut(made.images, 'run')[0]!, cells: [] };
  const marker = sheet.markers[0]!;
  // 10 mm at 1.05 pixels a mm: half of pixel 10 is white paper, half is black.
  const picture = renderSheet(sheet, [], 1.05);
  const y = Math.floor((marker.y + marker.size / 2) * 1.05);
  expect(picture.data[(y * picture.width + 10) * 3]).toBeCloseTo(188, -0.5);
});

test("the table of fiducials is OpenCV's", async () => {
  const cv = (await createRequire(import.meta.url)('@techstark/opencv-js')) as {
    DICT_5X5_1000: number;
    Mat: new () => { data: Uint8Array; delete(): void };
    getPredefinedDictionary(name: number): {
      generateImageMarker(id: number, edge: number, to: unknown, border: number): void;
    };
  };
  const dictionary = cv.getPredefinedDictionary(cv.DICT_5X5_1000);
  const drawn = new cv.Mat();
  const wrong = Array.from({ length: DICTIONARY_SIZE }, (_, id) => id).filter((id) => {
    dictionary.generateImageMarker(id, 7, drawn, 1);
    return markerCells(id).some((white, i) => white !== drawn.data[i]! / 255);
  });
  expect(wrong).toEqual([]);
  drawn.delete();
  expect(() => markerCells(1000)).toThrow('marker 1000');
});
