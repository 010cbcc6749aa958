import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPicture, writePicture } from '../lab/vision/node/pictures.ts';
import { readSheet, writeSheetFolder } from '../lab/vision/node/sheet-folder.ts';
import { sheetSchema } from '../lab/vision/sheet/geometry.ts';
import { testImages } from '../lab/vision/sheet/testing.ts';
import { halftone } from './testing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-sheet-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('images of two folders to a PDF, and photographs of it', async () => {
  const { pictures } = testImages(3, 12);
  for (const variant of ['clean', 'bim']) await mkdir(join(folder, variant));
  for (const [i, picture] of pictures.entries()) {
    await writePicture(join(folder, i % 2 === 0 ? 'clean' : 'bim', `stop_${i >> 1}.png`), picture);
  }
  const run = (...args: string[]) => halftone(args, { cwd: folder });
  const made = await run('sheet', 'clean', 'bim ε=8/255=bim', '--out', 'sheets', '--run', 'try', '--json');
  expect([made.code, made.stderr]).toEqual([0, '']);
  expect(JSON.parse(made.stdout)).toMatchObject({ sheets: 1, images: 6, run: 'try' });
  const sheet = sheetSchema.parse(JSON.parse(await readFile(join(folder, 'sheets', 'sheet-1.json'), 'utf8')));
  expect(sheet.cells.map(({ image }) => [image.source, image.variant])).toEqual(
    [0, 1, 2].flatMap((source) => ['clean', 'bim ε=8/255'].map((variant) => [source, variant])),
  );
  for (const [i, { image }] of sheet.cells.entries()) {
    const kept = await readPicture(join(folder, 'sheets', image.file));
    expect(Buffer.from(kept.data).equals(Buffer.from(pictures[i]!.data))).toBe(true);
  }
  expect((await readFile(join(folder, 'sheets', 'sheets.pdf'))).subarray(0, 5).toString()).toBe('%PDF-');

  const shot = await run(
    'simulate',
    'sheets/sheet-1.json',
    '--preset',
    'webcam-720p',
    '--views',
    '1',
    '--out',
    'frames',
  );
  expect([shot.code, shot.stderr]).toEqual([0, '']);
  expect((await readdir(join(folder, 'frames'))).sort()).toEqual(['sheet1-view1.json', 'sheet1-view1.png']);
  const frame = await readPicture(join(folder, 'frames', 'sheet1-view1.png'));
  expect([frame.width, frame.height]).toEqual([1280, 720]);
  const truth = JSON.parse(await readFile(join(folder, 'frames', 'sheet1-view1.json'), 'utf8'));
  expect(truth.markers).toHaveLength(10);
  expect(truth.cells).toHaveLength(6);

  // What may have been printed isn't overwritten.
  const again = await run('sheet', 'clean', '--out', 'sheets');
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('sheets is not empty');
});

test('what is wrong is said in a line', async () => {
  const { pictures } = testImages(1, 12);
  const [a, b, out] = ['a', 'b', 'out'].map((name) => join(folder, name)) as [string, string, string];
  await mkdir(a);
  await mkdir(b);
  await writePicture(join(a, '1.png'), pictures[0]!);
  await writePicture(join(b, '2.png'), pictures[1]!);
  const write = (folders: string[], settings = {}) =>
    writeSheetFolder({
      variants: folders.map((one, i) => ({ variant: `v${i}`, folder: one })),
      out,
      run: 'r',
      settings,
    });
  await expect(write([join(folder, 'nothing')])).rejects.toMatchObject({ code: 'not-found' });
  await expect(write([a, b])).rejects.toThrow('2.png is a version of no image in');
  await expect(write([a], { imageSize: 300 })).rejects.toThrow("don't fit");
  await expect(readSheet(join(a, '1.png'))).rejects.toMatchObject({ code: 'bad-file' });
  const { code, stderr } = await halftone(['sheet', 'a', 'b', '--out', 'out'], { cwd: folder });
  expect([code, stderr]).toEqual([2, 'halftone: b: name the version, as in bim=b\n']);
});
