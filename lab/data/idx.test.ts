import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseIdx, readIdx } from './idx.ts';

/** Two images of 2×3, as the format's description lays them out. */
const good = Uint8Array.of(
  0,
  0,
  8,
  3,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  3,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  11,
  255,
);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-idx-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a file is read alike packed and plain', async () => {
  await writeFile(join(folder, 'plain'), good);
  await writeFile(join(folder, 'packed.gz'), gzipSync(good));
  for (const name of ['plain', 'packed.gz']) {
    const { shape, data } = await readIdx(join(folder, name));
    expect({ shape, data: [...data] }).toEqual({
      shape: [2, 2, 3],
      data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255],
    });
  }
});

test('a packed file that is cut or damaged is refused by name', async () => {
  const packed = gzipSync(good);
  await writeFile(join(folder, 'cut.gz'), packed.subarray(0, packed.length - 9));
  const damaged = Uint8Array.from(packed, (byte, i) => (i === packed.length - 6 ? byte ^ 1 : byte));
  await writeFile(join(folder, 'damaged.gz'), damaged);
  for (const name of ['cut.gz', 'damaged.gz']) {
    await expect(readIdx(join(folder, name))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining(`${name}: its gzip is truncated or damaged`),
    });
  }
  await expect(readIdx(join(folder, 'none'))).rejects.toMatchObject({ code: 'not-found' });
});

test.each<[string, Uint8Array, string]>([
  ['nothing', Uint8Array.of(), 'not an idx file (it begins with nothing)'],
  ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0), 'not an idx file (it begins with 89 50 4e 47)'],
  ['no axes', Uint8Array.of(0, 0, 8, 0), 'not an idx file'],
  ['floats', Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0), 'an idx file of type 0d'],
  ['cut in the header', good.subarray(0, 14), 'truncated in its header'],
  ['cut in the values', good.subarray(0, 27), 'truncated: shape (2, 2, 3) needs 12 bytes, 11 follow'],
  ['a byte too many', Uint8Array.of(...good, 0), 'too long: shape (2, 2, 3) needs 12 bytes, 13 follow'],
])('%s is refused', (_, bytes, message) => {
  expect(() => parseIdx(bytes, 'x')).toThrow(expect.objectContaining({ code: 'bad-file' }));
  expect(() => parseIdx(bytes, 'x')).toThrow(`x: ${message}`);
});
