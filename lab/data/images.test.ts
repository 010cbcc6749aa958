import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roundToLevels } from '@halftone/sdk';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toNchw, toNhwc } from './batch.ts';
import { decodeImage, readImages, writePng } from './images.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-images-'));
});
afterEach(() => rm(folder, { recursive: true }));

const raw = (data: number[], width: number, height: number, channels: 1 | 3 | 4) =>
  sharp(Uint8Array.from(data), { raw: { width, height, channels } });

test('images written as PNG are read back value for value', async () => {
  for (const channels of [1, 3]) {
    const data = roundToLevels(
      Float32Array.from({ length: 2 * 16 * 16 * channels }, (_, i) => (i % 256) / 255),
    );
    const images = { data, count: 2, height: 16, width: 16, channels };
    const paths = [join(folder, 'a.png'), join(folder, 'b.png')];
    await Promise.all(paths.map((path, i) => writePng(path, images, i)));
    const back = await readImages(paths, images);
    expect(back.data).toEqual(data);
  }
});

test('the image covers the shape and the centre stays', async () => {
  // Red, green, blue side by side: a square has room for the middle one.
  const stripes = Array.from({ length: 30 * 10 }, (_, i) =>
    [0, 1, 2].map((c) => (Math.floor((i % 30) / 10) === c ? 255 : 0)),
  );
  const bytes = await raw(stripes.flat(), 30, 10, 3).png().toBuffer();
  const levels = await decodeImage(bytes, { height: 10, width: 10, channels: 3 }, 'x');
  expect(Array.from(levels)).toEqual(Array.from({ length: 100 }, () => [0, 255, 0]).flat());
});

test('grey becomes RGB, colour becomes grey, transparency lies on white, EXIF turns', async () => {
  const shape = { height: 1, width: 1, channels: 3 };
  const grey = await raw([100], 1, 1, 1).toColourspace('b-w').png().toBuffer();
  expect(Array.from(await decodeImage(grey, shape, 'x'))).toEqual([100, 100, 100]);
  const clear = await raw([10, 20, 30, 0], 1, 1, 4).png().toBuffer();
  expect(Array.from(await decodeImage(clear, shape, 'x'))).toEqual([255, 255, 255]);
  const white = await raw([255, 255, 255], 1, 1, 3).png().toBuffer();
  expect(Array.from(await decodeImage(white, { ...shape, channels: 1 }, 'x'))).toEqual([255]);
  // Orientation 3 is upside down: the left half comes out on the right.
  const halves = await raw(
    [...Array(8 * 8).keys()].flatMap((i) => Array(3).fill(i % 8 < 4 ? 0 : 255)),
    8,
    8,
    3,
  )
    .jpeg({ quality: 100 })
    .withMetadata({ orientation: 3 })
    .toBuffer();
  const turned = await decodeImage(halves, { height: 8, width: 8, channels: 3 }, 'x');
  expect(turned[0]).toBeGreaterThan(200);
  expect(turned[7 * 3]).toBeLessThan(50);
});

test('a file that is no image, or half of one, is refused by name', async () => {
  const whole = await raw(
    Array(64 * 64 * 3)
      .fill(0)
      .map((_, i) => (i * 7919) % 256),
    64,
    64,
    3,
  )
    .jpeg()
    .toBuffer();
  const path = join(folder, 'cut.jpg');
  for (const bytes of [Buffer.from('no image'), whole.subarray(0, whole.length / 2), Buffer.alloc(0)]) {
    await writeFile(path, bytes);
    const reading = readImages([path], { height: 8, width: 8, channels: 3 });
    await expect(reading).rejects.toMatchObject({
      code: 'bad-image',
      message: expect.stringContaining('cut.jpg: not an image'),
    });
  }
  await expect(readImages([join(folder, 'no.png')], { height: 8, width: 8, channels: 3 })).rejects.toThrow(
    'no such file',
  );
});

test('layouts turn into each other', () => {
  const nhwc = Float32Array.from({ length: 2 * 6 * 3 }, (_, i) => i);
  const nchw = toNchw(nhwc, 2, 3, 6);
  expect(Array.from(nchw.subarray(0, 6))).toEqual([0, 3, 6, 9, 12, 15]);
  expect(toNhwc(nchw, 2, 3, 6)).toEqual(nhwc);
});
