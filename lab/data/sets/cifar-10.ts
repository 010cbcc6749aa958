import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { ClassEntry } from '../classes.ts';
import { unpacked } from '../idx.ts';
import { fileError } from '../schema.ts';
import { tarFiles } from '../tar.ts';
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
const archive = 'cifar-10-binary.tar.gz';
const innerName = 'cifar-10-batches-bin';
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

/** What the original is like; tests make smaller ones. */
interface Original {
  /** Images in each file. */
  readonly perFile: number;
  /** Of the archive, as its author publishes it. */
  readonly md5: string;
  /** Of the archive, where its address is its author's. */
  readonly bytes?: number;
  /** What the archive's address begins with. */
  readonly from: string;
}

/** CIFAR-10 from the archive of its binary version, or from the files in it. */
export function cifar10Set({ perFile, md5, bytes, from }: Original): KnownSet {
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
      files: [archive],
      home: 'https://www.cs.toronto.edu/~kriz/cifar.html',
      published: [{ url: `${from}${archive}`, md5, ...(bytes === undefined ? {} : { bytes }) }],
      check: async (folder) => {
        const packed = await readArchive(join(folder, archive), { perFile, md5 });
        const files = packed ?? (await readFiles(await innerFolder(folder), perFile));
        dataSetOf(name, files);
        // Its author publishes a checksum of the archive alone, not of the files in it.
        const checked = packed === undefined ? 'contents' : 'checksum';
        return files.map(({ file, bytes }): CheckedFile => ({ file, bytes, checked }));
      },
    },
  };
  return set;
}

/** CIFAR-10 as A. Krizhevsky's page gives it, with its checksum. */
export const cifar10 = cifar10Set({
  perFile: 10_000,
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  bytes: 170_052_171,
  from: 'https://www.cs.toronto.edu/~kriz/',
});

interface BatchFile {
  readonly file: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The files in an archive; undefined where there is none at this path. */
async function readArchive(
  path: string,
  { perFile, md5 }: Pick<Original, 'perFile' | 'md5'>,
): Promise<BatchFile[] | undefined> {
  const packed = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw fileError(path, cause);
  });
  if (packed === undefined) return undefined;
  const entries = tarFiles(await unpacked(packed, path), path);
  const found = createHash('md5').update(packed).digest('hex');
  if (found !== md5) {
    const text = `${path}: not the original archive: its MD5 is ${found}, its author publishes ${md5}`;
    throw new HalftoneError('bad-file', text);
  }
  return [...trainFiles, ...testFiles].map((file) => {
    const bytes = entries.get(`${innerName}/${file}`);
    if (bytes === undefined) throw new HalftoneError('not-found', `${path}: holds no ${file}`);
    return checkedBatch({ file, path: `${path}: ${file}`, bytes }, perFile);
  });
}

/** The archive unpacks to a folder of its own: either may be given. */
async function innerFolder(folder: string): Promise<string> {
  const inner = join(folder, innerName);
  return (await folderExists(inner)) ? inner : folder;
}

/** One after the other, so that it is always the first file amiss that is told. */
async function readFiles(folder: string, perFile: number): Promise<BatchFile[]> {
  const files: BatchFile[] = [];
  for (const file of [...trainFiles, ...testFiles]) {
    const path = join(folder, file);
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw fileError(path, cause);
    });
    files.push(checkedBatch({ file, path, bytes }, perFile));
  }
  return files;
}

function checkedBatch(batch: BatchFile, perFile: number): BatchFile {
  const { path, bytes } = batch;
  const expected = perFile * recordBytes;
  if (bytes.length === expected) return batch;
  const problem = bytes.length < expected ? 'truncated' : 'too long';
  const text = `${path}: ${problem}: ${bytes.length} bytes, the original has ${expected}`;
  throw new HalftoneError('bad-file', text);
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
