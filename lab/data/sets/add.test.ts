import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cifar10Set } from './cifar-10.ts';
import { addedIdxSet, type IdxSet } from './idx-set.ts';
import { findSet } from './index.ts';
import { addToShelf } from './shelf.ts';

let root: string;
let shelf: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-sets-'));
  shelf = join(root, 'shelf');
  folder = join(root, 'downloads');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true }));

/** Six training images and three test images of 2×2, three classes. */
const counts = { train: 6, test: 3 };
const pixels = (count: number) => Uint8Array.from({ length: count * 4 }, (_, i) => i * 5);
const idx = (shape: number[], values: ArrayLike<number>) =>
  Uint8Array.of(
    0,
    0,
    8,
    shape.length,
    ...shape.flatMap((extent) => [0, 0, 0, extent]),
    ...Array.from(values),
  );
const good: Record<string, Uint8Array> = {
  'train-images-idx3-ubyte': idx([6, 2, 2], pixels(6)),
  'train-labels-idx1-ubyte': idx([6], [0, 1, 2, 2, 1, 0]),
  't10k-images-idx3-ubyte': idx([3, 2, 2], pixels(3)),
  't10k-labels-idx1-ubyte': idx([3], [1, 2, 0]),
};
const packed = (name: string) => gzipSync(good[name]!);
const small: IdxSet = {
  name: 'small',
  summary: 'a set for tests',
  classes: ['a', 'b', 'c'].map((name) => ({ name })),
  height: 2,
  width: 2,
  counts,
  balanced: true,
  md5: Object.fromEntries(
    Object.keys(good).map((name) => [name, createHash('md5').update(packed(name)).digest('hex')]),
  ),
};
const smallSet = addedIdxSet(small, { home: 'https://example.org', files: 'https://example.org/' });

async function download(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
}

test('original files are checked, kept unpacked and read back', async () => {
  const [images, labels, ...rest] = Object.keys(good);
  await download({ [`${images}.gz`]: packed(images!), [`${labels}.gz`]: packed(labels!) });
  for (const name of rest) await download({ [name]: good[name]! });
  await expect(smallSet.open(shelf)).rejects.toThrow(
    "small isn't here: run halftone data get small, or get its original files (train-images-idx3-ubyte.gz, ",
  );
  const { files } = await addToShelf(smallSet, folder, shelf);
  expect(files.map(({ checked }) => checked)).toEqual(['checksum', 'checksum', 'contents', 'contents']);
  expect(await smallSet.isHere(shelf)).toBe(true);
  expect((await readdir(join(shelf, 'small'))).sort()).toEqual(Object.keys(good).sort());
  const { splits } = await smallSet.open(shelf);
  const { images: block, labels: read } = await splits.test.read([2, 0]);
  expect([...read]).toEqual([0, 1]);
  const expected = [40, 45, 50, 55, 0, 5, 10, 15].map((level) => Math.fround(level / 255));
  expect([...block.data]).toEqual(expected);
  await expect(addToShelf(smallSet, folder, shelf)).rejects.toThrow('small was added already; delete');
});

test.each<[string, Record<string, Uint8Array>, string, string]>([
  ['missing', {}, 'not-found', 'holds no train-images-idx3-ubyte (or train-images-idx3-ubyte.gz)'],
  [
    'truncated',
    { ...good, 't10k-images-idx3-ubyte': good['t10k-images-idx3-ubyte']!.subarray(0, 20) },
    'bad-file',
    't10k-images-idx3-ubyte: truncated: shape (3, 2, 2) needs 12 bytes, 4 follow',
  ],
  [
    'of another size',
    { ...good, 't10k-labels-idx1-ubyte': idx([2], [0, 1]) },
    'bad-file',
    't10k-labels-idx1-ubyte: shape (2); that file of small has (3)',
  ],
  [
    'with a label that is no class',
    { ...good, 't10k-labels-idx1-ubyte': idx([3], [0, 1, 3]) },
    'bad-labels',
    't10k-labels-idx1-ubyte: label 3 of image 2 is outside 0 to 2',
  ],
  [
    "another set's",
    { ...good, 'train-labels-idx1-ubyte': idx([6], [0, 0, 0, 2, 1, 0]) },
    'bad-labels',
    'train-labels-idx1-ubyte: class 0 has 4 images, the original has 2',
  ],
])('files that are %s leave nothing on the shelf', async (_, files, code, message) => {
  await download(files);
  const adding = addToShelf(smallSet, folder, shelf);
  await expect(adding).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(await readdir(root)).toEqual(['downloads']);
});

test("a packed file that isn't its authors' is refused", async () => {
  const { 'train-images-idx3-ubyte': _, ...rest } = good;
  const another = gzipSync(idx([6, 2, 2], new Uint8Array(24)));
  await download({ ...rest, 'train-images-idx3-ubyte.gz': another });
  await expect(addToShelf(smallSet, folder, shelf)).rejects.toThrow('not the original file: its MD5 is ');
});

/** Ten images a file, their channels 0, 1 and 2 above `base` and three times their number. */
const cifarFile = (base: number) =>
  Buffer.concat(
    Array.from({ length: 10 }, (_, image) =>
      Uint8Array.from({ length: 3073 }, (_, i) =>
        i === 0 ? 9 - image : base + 3 * image + Math.floor((i - 1) / 1024),
      ),
    ),
  );

test('CIFAR-10 is read from its binary version, channels side by side', async () => {
  const inner = join(folder, 'cifar-10-batches-bin');
  await mkdir(inner);
  for (let n = 1; n <= 5; n++) await writeFile(join(inner, `data_batch_${n}.bin`), cifarFile(40 * n));
  const set = cifar10Set({ perFile: 10, md5: '', from: '' });
  await expect(addToShelf(set, folder, shelf)).rejects.toThrow('test_batch.bin: no such file');
  await writeFile(join(inner, 'test_batch.bin'), cifarFile(0).subarray(1));
  await expect(addToShelf(set, folder, shelf)).rejects.toThrow(
    'test_batch.bin: truncated: 30729 bytes, the original has 30730',
  );
  await writeFile(join(inner, 'test_batch.bin'), cifarFile(0));
  const { files } = await addToShelf(set, folder, shelf);
  expect(files.every(({ checked }) => checked === 'contents')).toBe(true);
  const { splits, classes } = await set.open(shelf);
  expect([splits.train.count, splits.test.count]).toEqual([50, 10]);
  const { images, labels } = await splits.train.read([21]);
  expect(classes[labels[0]!]!.name).toBe('ship');
  const levels = [...images.data.subarray(0, 3), ...images.data.subarray(-3)].map((value) => value * 255);
  for (const [i, level] of levels.entries()) expect(level).toBeCloseTo(123 + (i % 3), 4);
  await writeFile(join(shelf, 'cifar-10', 'test_batch.bin'), Buffer.alloc(30_730, 11));
  await expect(set.open(shelf)).rejects.toThrow('test_batch.bin: label 11 of image 0 is outside 0 to 9');
});

/** A tar archive as the tool of that name writes it. */
function tar(files: readonly (readonly [name: string, bytes: Uint8Array])[]): Buffer {
  const parts = files.flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(bytes.length.toString(8).padStart(11, '0'), 124);
    header.write('        ', 148);
    header.write(name.endsWith('/') ? '5' : '0', 156);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

test('CIFAR-10 is read from its archive, and from no other', async () => {
  const place = 'cifar-10-batches-bin/';
  const files = [1, 2, 3, 4, 5].map((n) => [`${place}data_batch_${n}.bin`, cifarFile(40 * n)] as const);
  const whole = tar([[place, Buffer.alloc(0)], ...files, [`${place}test_batch.bin`, cifarFile(0)]]);
  const md5 = createHash('md5').update(gzipSync(whole)).digest('hex');
  const set = cifar10Set({ perFile: 10, md5, from: '' });
  const name = 'cifar-10-binary.tar.gz';
  for (const [bytes, message] of [
    [gzipSync(whole).subarray(0, 200), 'its gzip is truncated or damaged'],
    [gzipSync(whole.subarray(0, 20_000)), 'truncated at its end'],
    [gzipSync(Buffer.from('a'.repeat(2000))), 'not a tar archive, or damaged at byte 0'],
    [gzipSync(tar(files)), `not the original archive: its MD5 is `],
  ] as const) {
    await download({ [name]: bytes });
    await expect(addToShelf(set, folder, shelf)).rejects.toThrow(`${name}: ${message}`);
  }
  await download({ [name]: gzipSync(whole) });
  const added = await addToShelf(set, folder, shelf);
  expect(added.files.every(({ checked }) => checked === 'checksum')).toBe(true);
  expect((await set.open(shelf)).splits.train.count).toBe(50);
});

test('a name that is none, and sets that need no files', async () => {
  expect(() => findSet('imagenet')).toThrow("there is no data set 'imagenet'; there are mnist, signs, ");
  await expect(addToShelf(findSet('mnist'), folder, shelf)).rejects.toThrow('mnist comes with Halftone');
  await expect(addToShelf(smallSet, join(folder, 'none'), shelf)).rejects.toMatchObject({
    code: 'not-found',
  });
});
