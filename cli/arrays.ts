import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HalftoneError } from '@halftone/sdk';
import { checkValues, type Layout, toNchw, toNhwc } from '../lab/data/batch.ts';
import { type NpyArray, readNpy, writeNpy } from '../lab/data/npy.ts';
import { fileError } from '../lab/data/schema.ts';
import type { Classifier, ImageBatch } from '../lab/runtime/classifier-types.ts';

/** Images from a .npy file, with what is needed to write others like them. */
export interface ImageArray {
  readonly images: ImageBatch;
  readonly layout: Layout;
  /** Axes as in the file. */
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'float64' | 'uint8';
}

/**
 * Images in a .npy file: float32 or float64, or uint8 (0 to 255) where `levels` says that they are images in [0, 1].
 * The layout is the one asked for, else the model's own, else the other one if the shape fits that alone. Images of one channel
 * may leave that axis out. Throws `bad-file`, `bad-image`, `not-finite`.
 */
export async function readImageArray(
  path: string,
  { input, card }: Classifier,
  { layout, levels }: { layout?: Layout; levels: boolean },
): Promise<ImageArray> {
  const array = await readNpy(path);
  const { dtype, shape } = array;
  if (dtype !== 'float32' && dtype !== 'float64' && !(dtype === 'uint8' && levels)) {
    const wanted = levels ? 'float32 in 0 to 1, or uint8' : "float32, in the model's own range,";
    throw new HalftoneError('bad-image', `${path}: ${dtype} images; ${wanted} is needed`);
  }
  const own = card.input.layout;
  const candidates: readonly Layout[] =
    layout === undefined ? [own, own === 'nchw' ? 'nhwc' : 'nchw'] : [layout];
  const fitting = candidates.find((candidate) => fits(shape, axes(candidate, input)));
  if (fitting === undefined) throw wrongShape(path, shape, axes(layout ?? own, input), layout ?? own);
  const { height, width, channels } = input;
  const count = shape[0]!;
  if (count === 0) throw new HalftoneError('bad-image', `${path}: holds no images`);
  const values =
    dtype === 'uint8' ? Float32Array.from(array.data as Uint8Array, (v) => v / 255) : asFloat32(array);
  const data = fitting === 'nchw' ? toNhwc(values, count, channels, height * width) : values;
  const images = { data, count, height, width, channels };
  checkValues(images, path);
  return { images, layout: fitting, shape, dtype };
}

function asFloat32({ data }: NpyArray): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
}

function axes(layout: Layout, { height, width, channels }: Classifier['input']): number[] {
  return layout === 'nchw' ? [channels, height, width] : [height, width, channels];
}

function fits(shape: readonly number[], wanted: readonly number[]): boolean {
  const rest = shape.slice(1);
  const without = wanted.filter((extent) => extent !== 1);
  const same = (other: readonly number[]) =>
    rest.length === other.length && rest.every((v, i) => v === other[i]);
  return same(wanted) || (without.length === 2 && same(without));
}

function wrongShape(
  path: string,
  shape: readonly number[],
  wanted: readonly number[],
  layout: Layout,
): HalftoneError {
  const text = `${path}: shape [${shape.join(', ')}]; the model takes images of [N, ${wanted.join(', ')}] (${layout})`;
  return new HalftoneError('bad-image', text);
}

/** Writes images (or gradients: any values laid out like them) as float32 with the axes of an array that was read. */
export async function writeLike(path: string, like: ImageArray, data: Float32Array): Promise<void> {
  const { height, width, channels, count } = like.images;
  const values = like.layout === 'nchw' ? toNchw(data, count, channels, height * width) : data;
  await writeNpy(path, { dtype: 'float32', shape: like.shape, data: values });
}

/** Writes rounded images of [0, 1] with the axes and, for uint8, the type of the array that was read. */
export async function writeRoundedLike(path: string, like: ImageArray, data: Float32Array): Promise<void> {
  if (like.dtype !== 'uint8') return writeLike(path, like, data);
  const { height, width, channels, count } = like.images;
  const values = like.layout === 'nchw' ? toNchw(data, count, channels, height * width) : data;
  await writeNpy(path, {
    dtype: 'uint8',
    shape: like.shape,
    data: Uint8Array.from(values, (v) => Math.round(v * 255)),
  });
}

/** Class indices from a .npy file of whole numbers, one axis. Throws `bad-file`, `bad-labels`. */
export async function readLabels(path: string): Promise<Int32Array> {
  const { dtype, shape, data } = await readNpy(path);
  if (dtype === 'float32' || dtype === 'float64') {
    throw new HalftoneError('bad-labels', `${path}: ${dtype}; labels are class indices, in an integer type`);
  }
  if (shape.length !== 1) {
    throw new HalftoneError(
      'bad-labels',
      `${path}: shape [${shape.join(', ')}]; labels are [N], one index an image`,
    );
  }
  const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
  const wrong = numbers.findIndex((value) => value < 0 || value > 0x7fffffff);
  if (wrong >= 0)
    throw new HalftoneError(
      'bad-labels',
      `${path}: label ${numbers[wrong]} of image ${wrong} is no class index`,
    );
  return Int32Array.from(numbers);
}

/** Throws unless a file can be written at this path: found out before the work, not after it. */
export async function checkWritable(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    throw new HalftoneError('bad-file', `can't write ${path}: is a folder, a file is needed`);
  try {
    const folder = dirname(path);
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw fileError(path, cause, 'write');
  }
}
