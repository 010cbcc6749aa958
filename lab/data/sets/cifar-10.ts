import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { ClassEntry } from '../classes.ts';
import { fileError } from '../schema.ts';
import type { CheckedFile, KnownSet } from './known.ts';
import { checkBalance, checkClassLabels, recordSplit } from './levels.ts';
import { folderExists, notAdded } from './shelf.ts';
import type { DataSet, Split } from './types.ts';

/**
 * CIFAR-10 in its binary version: in each file a record an image, one byte of label and 3 × 32 × 32 of pixels,
 * channel after channel. Format: A. Krizhevsky, 'The CIFAR-10 dataset', on its home page.
 */

const summary = 'CIFAR-10, small photographs of things and animals. A. Krizhevsky 2009';
const shape = { height: 32, width: 32, channels: 3 };
const recordBytes = 1 + 32 * 32 * 3;
const trainFiles = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`);
const testFiles = ['test_batch.bin'];
const classes: readonly ClassEntry[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
].map((name) => ({ name }));

/** CIFAR-10 from the files of its binary version, with `perFile` images in each: 10,000, fewer in tests. */
export function cifar10Set(perFile: number): KnownSet {
  const name = 'cifar-10';
  const set: KnownSet = {
    name,
    summary,
    isHere: (shelf) => folderExists(join(shelf, name)),
    open: async (shelf) => {
      const folder = join(shelf, name);
      if (!(await folderExists(folder))) throw notAdded(set);
      return dataSetOf(name, await readFiles(folder, perFile));
    },
    originals: {
      files: [...trainFiles, ...testFiles],
      home: 'https://www.cs.toronto.edu/~kriz/cifar.html (the binary version, unpacked)',
      check: async (folder) => {
        const files = await readFiles(await innerFolder(folder), perFile);
        dataSetOf(name, files);
        // Its author publishes a checksum of the archive alone, not of the files in it.
        return files.map(({ file, bytes }): CheckedFile => ({ file, bytes, checked: 'contents' }));
      },
    },
  };
  return set;
}

/** CIFAR-10, from the files of its binary version. */
export const cifar10 = cifar10Set(10_000);

/** The archive unpacks to a folder of its own: either may be given. */
async function innerFolder(folder: string): Promise<string> {
  const inner = join(folder, 'cifar-10-batches-bin');
  return (await folderExists(inner)) ? inner : folder;
}

interface BatchFile {
  readonly file: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

function readFiles(folder: string, perFile: number): Promise<BatchFile[]> {
  return Promise.all([...trainFiles, ...testFiles].map((file) => readBatch(folder, file, perFile)));
}

async function readBatch(folder: string, file: string, perFile: number): Promise<BatchFile> {
  const path = join(folder, file);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  const expected = perFile * recordBytes;
  if (bytes.length === expected) return { file, path, bytes };
  const problem = bytes.length < expected ? 'truncated' : 'too long';
  throw new HalftoneError(
    'bad-file',
    `${path}: ${problem}: ${bytes.length} bytes, the original has ${expected}`,
  );
}

function dataSetOf(name: string, files: readonly BatchFile[]): DataSet {
  const splits = { train: splitOf(files, trainFiles), test: splitOf(files, testFiles) };
  return { name, summary, classes, ...shape, splits };
}

function splitOf(files: readonly BatchFile[], names: readonly string[]): Split {
  const own = files.filter(({ file }) => names.includes(file));
  const labels = own.map(({ bytes, path }) => {
    const found = Uint8Array.from({ length: bytes.length / recordBytes }, (_, i) => bytes[i * recordBytes]!);
    checkClassLabels(found, classes.length, path);
    return found;
  });
  const all = concatenated(labels);
  checkBalance(all, classes.length, all.length / classes.length, own.map(({ path }) => path).join(', '));
  return recordSplit({
    shape,
    labels: all,
    bytes: own.length === 1 ? own[0]!.bytes : concatenated(own.map(({ bytes }) => bytes)),
    stride: recordBytes,
    before: 1,
    planar: true,
  });
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
