import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeAtomic } from './atomic.ts';
import { formatNpy, type NpyArray, parseNpy, readNpy, writeNpy } from './npy.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-npy-'));
});
afterEach(() => rm(folder, { recursive: true }));

function bytesOf(array: NpyArray): Uint8Array {
  return Buffer.concat(formatNpy(array));
}

/** A file as NumPy writes it: version, header text, values. */
function file(header: string, values: Uint8Array, version = 1): Uint8Array {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]),
    length,
    Buffer.from(header),
    values,
  ]);
}

test.each<NpyArray>([
  { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 5, 6) },
  { dtype: 'float64', shape: [1], data: Float64Array.of(Math.PI) },
  { dtype: 'uint8', shape: [2, 0, 3], data: Uint8Array.of() },
  { dtype: 'int32', shape: [], data: Int32Array.of(-7) },
  { dtype: 'int64', shape: [3], data: BigInt64Array.of(1n, -2n, 2n ** 60n) },
])('$dtype of shape $shape comes back as it was', async (array) => {
  const path = join(folder, 'x.npy');
  await writeNpy(path, array);
  expect(await readNpy(path)).toEqual(array);
  // NumPy aligns the values to 64 bytes.
  expect(formatNpy(array)[0].length % 64).toBe(0);
});

test('Fortran order, version 2 and odd alignment are read', () => {
  const header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n";
  // Columns (1, 4), (2, 5), (3, 6).
  const values = new Uint8Array(Float32Array.of(1, 4, 2, 5, 3, 6).buffer);
  for (const version of [1, 2]) {
    const { shape, data } = parseNpy(file(header, values, version), 'x');
    expect(shape).toEqual([2, 3]);
    expect(Array.from(data as Float32Array)).toEqual([1, 2, 3, 4, 5, 6]);
  }
});

const good = bytesOf({ dtype: 'float32', shape: [4], data: new Float32Array(4) });
const header = (text: string) => file(`${text}\n`, new Uint8Array(16));

test.each<[string, Uint8Array, string]>([
  ['nothing', Uint8Array.of(), 'not a NumPy .npy file'],
  ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 0, 0, 0, 0), 'not a NumPy .npy file'],
  ['cut in the header', good.subarray(0, 40), 'truncated in its header'],
  ['cut in the values', good.subarray(0, good.length - 1), 'truncated: shape (4) of float32 needs 16 bytes'],
  ['values too many', Buffer.concat([good, Buffer.alloc(4)]), 'too long: shape (4)'],
  ['a pickled object', header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), "type '|O'"],
  ['big-endian', header("{'descr': '>f4', 'fortran_order': False, 'shape': (4,), }"), "type '>f4'"],
  [
    'a record type',
    header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }"),
    'its header names no plain type',
  ],
  [
    'a negative extent',
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }"),
    'its header names no plain type',
  ],
  [
    'a huge shape',
    header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999), }"),
    'shape (99999999, 99999999) is too large',
  ],
  ['version 9', Uint8Array.from(good, (byte, i) => (i === 6 ? 9 : byte)), '.npy version 9.0'],
])('%s is refused', (_, bytes, message) => {
  expect(() => parseNpy(bytes, 'x.npy')).toThrow(expect.objectContaining({ code: 'bad-file' }));
  expect(() => parseNpy(bytes, 'x.npy')).toThrow(`x.npy: ${message}`);
});

test('a write that fails leaves nothing behind', async () => {
  await expect(readNpy(join(folder, 'none.npy'))).rejects.toThrow('none.npy: no such file');
  await expect(writeAtomic(join(folder, 'no', 'x'), 'a')).rejects.toThrow("its folder doesn't exist");
  await expect(writeAtomic(folder, 'a')).rejects.toMatchObject({ code: 'bad-file' });
  expect(await readdir(folder)).toEqual([]);
  const beside = await readdir(join(folder, '..'));
  expect(beside.filter((name) => name.endsWith('.tmp') && name.includes('halftone-npy-'))).toEqual([]);
});
