import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { ClassEntry } from '../classes.ts';
import { isGzip, parseIdx, unpacked } from '../idx.ts';
import { fileError } from '../schema.ts';
import type { CheckedFile, KnownSet } from './known.ts';
import { checkBalance, checkClassLabels, recordSplit } from './levels.ts';
import { folderExists, notAdded } from './shelf.ts';
import type { DataSet, Split, SplitName } from './types.ts';

/** A data set of four idx files in the manner of MNIST: images and labels of both splits, grey. */
export interface IdxSet {
  readonly name: string;
  readonly summary: string;
  readonly classes: readonly ClassEntry[];
  readonly height: number;
  readonly width: number;
  readonly counts: Readonly<Record<SplitName, number>>;
  /** Each class has as many images as any other. */
  readonly balanced: boolean;
  /** MD5 of the packed files as their authors publish them, by the plain name. */
  readonly md5: Readonly<Record<string, string>>;
}

const prefixes: Readonly<Record<SplitName, string>> = { train: 'train', test: 't10k' };

/** The four files by their plain names. */
const idxFiles = (['train', 'test'] as const).flatMap((split) => [imagesFile(split), labelsFile(split)]);

function imagesFile(split: SplitName): string {
  return `${prefixes[split]}-images-idx3-ubyte`;
}

function labelsFile(split: SplitName): string {
  return `${prefixes[split]}-labels-idx1-ubyte`;
}

/** Opens the set in a folder that holds its four files, packed or plain. Throws `not-found`, `bad-file`, `bad-labels`. */
export async function openIdxSet(set: IdxSet, folder: string): Promise<DataSet> {
  return dataSetOf(set, await readFiles(folder));
}

/** Where a set's authors give it to the world. */
interface Publication {
  /** The page that tells of it. */
  readonly home: string;
  /** What the addresses of its packed files begin with. */
  readonly files: string;
  /** Sizes of the packed files, by the plain name. */
  readonly bytes?: Readonly<Record<string, number>>;
}

/** A set whose four files have to be added. */
export function addedIdxSet(set: IdxSet, { home, files, bytes }: Publication): KnownSet {
  const { name, summary } = set;
  const known: KnownSet = {
    name,
    summary,
    isHere: (shelf) => folderExists(join(shelf, name)),
    open: async (shelf) => {
      const folder = join(shelf, name);
      if (!(await folderExists(folder))) throw notAdded(known);
      return openIdxSet(set, folder);
    },
    originals: {
      files: idxFiles.map((file) => `${file}.gz`),
      home,
      published: idxFiles.map((file) => ({
        url: `${files}${file}.gz`,
        md5: set.md5[file]!,
        ...(bytes?.[file] === undefined ? {} : { bytes: bytes[file] }),
      })),
      check: (folder) => checkIdxFiles(set, folder),
    },
  };
  return known;
}

/** The four files in a folder, unpacked and checked. Throws as `openIdxSet`, and where a checksum is another one. */
async function checkIdxFiles(set: IdxSet, folder: string): Promise<CheckedFile[]> {
  const files = await readFiles(folder);
  dataSetOf(set, files);
  return files.map(({ file, path, bytes, md5 }): CheckedFile => {
    if (md5 === undefined) return { file, bytes, checked: 'contents' };
    if (md5 === set.md5[file]) return { file, bytes, checked: 'checksum' };
    const text = `${path}: not the original file: its MD5 is ${md5}, its authors publish ${set.md5[file]}`;
    throw new HalftoneError('bad-file', text);
  });
}

/** A file that was read. */
interface ReadFile {
  /** Its plain name. */
  readonly file: string;
  /** Where it was found. */
  readonly path: string;
  /** Unpacked. */
  readonly bytes: Uint8Array;
  /** Of the file as it was, where it was packed. */
  readonly md5?: string;
}

function readFiles(folder: string): Promise<ReadFile[]> {
  return Promise.all(idxFiles.map((file) => readOne(folder, file)));
}

/** A file under its plain name, with `.gz`, or with the dot that some copies have before `idx`. */
async function readOne(folder: string, file: string): Promise<ReadFile> {
  for (const name of [file, `${file}.gz`, file.replace('-idx', '.idx')]) {
    const path = join(folder, name);
    const read = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw fileError(path, cause);
    });
    if (read === undefined) continue;
    const bytes = await unpacked(read, path);
    if (!isGzip(read)) return { file, path, bytes };
    return { file, path, bytes, md5: createHash('md5').update(read).digest('hex') };
  }
  throw new HalftoneError('not-found', `${folder}: holds no ${file} (or ${file}.gz)`);
}

function dataSetOf(set: IdxSet, files: readonly ReadFile[]): DataSet {
  const { name, summary, classes, height, width } = set;
  const splits = { train: splitOf(set, files, 'train'), test: splitOf(set, files, 'test') };
  return { name, summary, classes, height, width, channels: 1, splits };
}

function splitOf(set: IdxSet, files: readonly ReadFile[], split: SplitName): Split {
  const { height, width } = set;
  const classes = set.classes.length;
  const count = set.counts[split];
  const images = arrayOf(set, files, imagesFile(split), [count, height, width]);
  const labels = arrayOf(set, files, labelsFile(split), [count]);
  checkClassLabels(labels.data, classes, labels.path);
  if (set.balanced) checkBalance(labels.data, classes, count / classes, labels.path);
  return recordSplit({
    shape: { height, width, channels: 1 },
    labels: labels.data,
    bytes: images.data,
    stride: height * width,
    before: 0,
    planar: false,
  });
}

function arrayOf(
  { name }: IdxSet,
  files: readonly ReadFile[],
  file: string,
  wanted: readonly number[],
): { path: string; data: Uint8Array } {
  const { path, bytes } = files.find((read) => read.file === file)!;
  const { shape, data } = parseIdx(bytes, path);
  if (String(shape) === String(wanted)) return { path, data };
  const text = `${path}: shape (${shape.join(', ')}); that file of ${name} has (${wanted.join(', ')})`;
  throw new HalftoneError('bad-file', text);
}
