import { HalftoneError } from '@halftone/sdk/errors';
import type { ImageShape } from '../images.ts';
import type { Split } from './types.ts';

/** Images in memory as bytes, one record an image. */
export interface Records {
  readonly shape: ImageShape;
  /** Class index of each image; as many as there are records. */
  readonly labels: Uint8Array;
  readonly bytes: Uint8Array;
  /** Bytes from one record to the next, and in a record before its pixels. */
  readonly stride: number;
  readonly before: number;
  /** The channels stand one after the other (CHW) and not side by side (HWC). */
  readonly planar: boolean;
}

/** k/255 in float32, as everything that reads images computes it. */
const levels = Float32Array.from({ length: 256 }, (_, level) => level / 255);

/** A split whose images are in memory: reading makes floats of the records that are asked for. */
export function recordSplit(records: Records): Split {
  const { shape, labels } = records;
  const count = labels.length;
  const labelsOf = (indices: ArrayLike<number>) => {
    checkIndices(indices, count);
    return Int32Array.from(indices, (index) => labels[index]!);
  };
  return {
    count,
    labels: labelsOf,
    async read(indices, signal) {
      if (signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
      const chosen = labelsOf(indices);
      const size = shape.height * shape.width * shape.channels;
      const data = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) {
        copyRecord(records, indices[i]!, data.subarray(i * size, (i + 1) * size));
      }
      return { images: { ...shape, data, count: indices.length }, labels: chosen };
    },
  };
}

function copyRecord(
  { shape, bytes, stride, before, planar }: Records,
  index: number,
  out: Float32Array,
): void {
  const start = index * stride + before;
  if (!planar) {
    for (let i = 0; i < out.length; i++) out[i] = levels[bytes[start + i]!]!;
    return;
  }
  const { channels } = shape;
  const pixels = shape.height * shape.width;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < pixels; p++) out[p * channels + c] = levels[bytes[start + c * pixels + p]!]!;
  }
}

/** Throws `bad-argument` unless every index is a whole number from 0 to below `count`. */
export function checkIndices(indices: ArrayLike<number>, count: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (Number.isInteger(index) && index >= 0 && index < count) continue;
    throw new HalftoneError('bad-argument', `image ${index} was asked for; there are 0 to ${count - 1}`);
  }
}

/** Throws `bad-labels`, naming the file, unless every label is a class. */
export function checkClassLabels(labels: Uint8Array, classes: number, what: string): void {
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong < 0) return;
  const text = `${what}: label ${labels[wrong]} of image ${wrong} is outside 0 to ${classes - 1}`;
  throw new HalftoneError('bad-labels', text);
}

/** Throws `bad-labels` unless every class has as many images as its published description says. */
export function checkBalance(labels: Uint8Array, classes: number, each: number, what: string): void {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]! += 1;
  const wrong = counts.findIndex((count) => count !== each);
  if (wrong < 0) return;
  const text = `${what}: class ${wrong} has ${counts[wrong]} images, the original has ${each}; is it another data set?`;
  throw new HalftoneError('bad-labels', text);
}
