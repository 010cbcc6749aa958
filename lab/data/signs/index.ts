import { HalftoneError } from '@halftone/sdk/errors';
import type { ClassEntry } from '../classes.ts';
import type { KnownSet } from '../sets/known.ts';
import type { DataSet, LabelledBatch, Split, SplitName } from '../sets/types.ts';
import { drawArtwork } from './artwork.ts';
import { signClasses } from './drawings/catalogue.ts';
import { KeptImages } from './kept.ts';
import type { DrawRequest } from './messages.ts';
import { createDrawingPool, type DrawingPool } from './pool.ts';
import { subjectOf } from './sample.ts';

/** Edges of the images, in pixels, that the set is drawn at. */
export type SignSize = 64 | 96;

/** How the signs are drawn. */
export interface SignOptions {
  readonly size: SignSize;
  /** Of the training images: a whole number from 0. Test images are always the same. 0 by default. */
  readonly seed?: number;
  /** Training images; 40,000 by default. Another seed draws as many others. */
  readonly trainCount?: number;
  /** Memory for drawn images of each split, kept for when they are read again; 512 MiB by default: all training images at 64 × 64. */
  readonly keepBytes?: number;
  /** Threads that draw; as many as there are cores by default. */
  readonly threads?: number;
}

/** The signs, opened. An open set keeps no process alive, and no threads while nothing is read for a while. */
export interface SignSet extends DataSet, AsyncDisposable {
  /** As many other training images, drawn with another seed: a new set for every epoch, if so wished. */
  training(seed: number): Split;
  /** Ends the threads; reads under way reject with `cancelled`. */
  close(): Promise<void>;
}

const channels = 3;
const testCount = 2000;
const summary = 'Road signs drawn by Halftone, as a camera sees prints of them: 20 classes';
/** Images of one request to a thread: few enough that a batch keeps all threads busy to its end. */
const perRequest = 8;

const classes: readonly ClassEntry[] = signClasses.map(({ id, name }) => ({ id, name }));

/** Drawn once for all sets of the process, when the first image is read. */
let artwork: Promise<SharedArrayBuffer> | undefined;

/** Opens the set. Takes no time: what it needs is drawn when the first images are read. */
export function openSigns(options: SignOptions): SignSet {
  const { size, seed = 0, trainCount = 40_000, keepBytes = 2 ** 29, threads } = options;
  let pool: Promise<DrawingPool> | undefined;
  const open = async (): Promise<DrawingPool> => {
    artwork ??= drawArtwork();
    return createDrawingPool({ artwork: await artwork, size }, threads);
  };
  const split = (name: SplitName, drawnWith: number, count: number): Split => {
    const kept = new KeptImages(size * size * channels, keepBytes);
    return {
      count,
      labels: (indices) => labelsOf(indices, name, count),
      read: async (indices, signal) => {
        const labels = labelsOf(indices, name, count);
        pool ??= open();
        const request = { split: name, seed: drawnWith, indices: Array.from(indices) };
        const data = await readAll(await pool, request, kept, size * size * channels, signal);
        const images = { data, count: labels.length, height: size, width: size, channels };
        return { images, labels } satisfies LabelledBatch;
      },
    };
  };
  const close = async (): Promise<void> => {
    pool ??= open();
    await (await pool).close();
  };
  return {
    name: size === 64 ? 'signs' : `signs-${size}`,
    summary: `${summary}, ${size} × ${size}`,
    classes,
    height: size,
    width: size,
    channels,
    splits: { train: split('train', seed, trainCount), test: split('test', 0, testCount) },
    training: (other) => split('train', other, trainCount),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function knownSigns(size: SignSize): KnownSet {
  const { name, summary: line } = openSigns({ size });
  return { name, summary: line, isHere: async () => true, open: async () => openSigns({ size }) };
}

/** The set at both its sizes, as the lab knows it by name: `signs` (64 × 64) and `signs-96`. */
export const signs: KnownSet = knownSigns(64);
export const signs96: KnownSet = knownSigns(96);

function labelsOf(indices: ArrayLike<number>, split: SplitName, count: number): Int32Array {
  return Int32Array.from(indices, (index) => {
    if (Number.isInteger(index) && index >= 0 && index < count) return subjectOf(index).label;
    const text = `there is no image ${index} in the ${split} split of the signs: it has 0 to ${count - 1}`;
    throw new HalftoneError('bad-argument', text);
  });
}

/** The images of a request, of `values` numbers each: those that are not kept are drawn. */
async function readAll(
  pool: DrawingPool,
  request: DrawRequest,
  kept: KeptImages,
  values: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  pool.throwIfEnded(signal);
  const { indices } = request;
  const data = new Float32Array(indices.length * values);
  const place = (position: number) => data.subarray(position * values, (position + 1) * values);
  const missing: number[] = [];
  for (const [position, index] of indices.entries()) {
    if (kept.has(index)) kept.copy(index, place(position));
    else missing.push(position);
  }
  const starts = Array.from({ length: Math.ceil(missing.length / perRequest) }, (_, i) => i * perRequest);
  await Promise.all(
    starts.map(async (start) => {
      const positions = missing.slice(start, start + perRequest);
      const drawn = await pool.ask({ ...request, indices: positions.map((p) => indices[p]!) }, signal);
      for (const [k, position] of positions.entries()) {
        const image = drawn.subarray(k * values, (k + 1) * values);
        data.set(image, position * values);
        kept.keep(indices[position]!, image);
      }
    }),
  );
  return data;
}
