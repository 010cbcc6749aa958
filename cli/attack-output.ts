import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk';
import { type ImageShape, writePng } from '../lab/data/images.ts';
import { writeNpy } from '../lab/data/npy.ts';
import { fileError } from '../lab/data/schema.ts';
import type { DigitalBatch } from '../lab/experiments/digital.ts';
import type { ImageBatch } from '../lab/runtime/classifier-types.ts';
import { checkWritable, type ImageArray, writeLike, writeRoundedLike } from './arrays.ts';
import type { AttackInput } from './attack-input.ts';

/** Where adversarial images go: taken batch by batch, in place only when the run is done. */
export interface Sink {
  take(batch: DigitalBatch): Promise<void>;
  /** Puts everything in its place. */
  finish(): Promise<void>;
  /** Leaves nothing behind; harmless after `finish`. */
  discard(): Promise<void>;
}

export interface OutputOptions {
  /** A .npy file for images from a .npy file, a folder of PNGs for images from files. */
  readonly out?: string;
  readonly rawOut?: string;
}

/** The sinks that the options ask for. Throws when one can't be written, before the run. */
export async function openSinks(
  { out, rawOut }: OutputOptions,
  { array, source }: AttackInput,
): Promise<Sink[]> {
  const sinks: Sink[] = [];
  if (out !== undefined && array !== undefined) {
    await checkWritable(out);
    sinks.push(arraySink((data) => writeRoundedLike(out, array, data), 'rounded'));
  } else if (out !== undefined) sinks.push(await folderSink(out, pngNames(source.names)));
  if (rawOut !== undefined) {
    await checkWritable(rawOut);
    sinks.push(arraySink((data, size) => writeRaw(rawOut, array, data, size), 'raw'));
  }
  return sinks;
}

/** With no array to be like, raw images are NHWC. */
async function writeRaw(
  path: string,
  array: ImageArray | undefined,
  data: Float32Array,
  size: ImageShape,
): Promise<void> {
  if (array !== undefined) return writeLike(path, array, data);
  const { height, width, channels } = size;
  await writeNpy(path, {
    dtype: 'float32',
    shape: [data.length / (height * width * channels), height, width, channels],
    data,
  });
}

function arraySink(
  write: (data: Float32Array, size: ImageShape) => Promise<void>,
  kind: 'raw' | 'rounded',
): Sink {
  const parts: ImageBatch[] = [];
  return {
    async take(batch) {
      parts.push(batch[kind]);
    },
    async finish() {
      const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
      let at = 0;
      for (const part of parts) {
        data.set(part.data, at);
        at += part.data.length;
      }
      await write(data, parts[0]!);
    },
    async discard() {
      parts.length = 0;
    },
  };
}

/** PNGs are written to a folder of their own beside the wanted one, and moved when all are there. */
async function folderSink(folder: string, names: readonly string[]): Promise<Sink> {
  const isNew = await checkFolder(folder);
  const temporary = `${folder.replace(/[\\/]+$/, '')}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(temporary);
  } catch (cause) {
    throw fileError(folder, cause, 'write');
  }
  return {
    async take({ start, rounded }) {
      for (let i = 0; i < rounded.count; i++) {
        const path = join(temporary, names[start + i]!);
        await mkdir(dirname(path), { recursive: true });
        await writePng(path, rounded, i);
      }
    },
    async finish() {
      if (isNew) return rename(temporary, folder);
      for (const name of names) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await rename(join(temporary, name), join(folder, name));
      }
      await rm(temporary, { recursive: true, force: true });
    },
    discard: () => rm(temporary, { recursive: true, force: true }),
  };
}

/** Whether the folder has yet to be made. Throws where it can't be, or where other files would mix with ours. */
async function checkFolder(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return true;
  if (!found.isDirectory())
    throw new HalftoneError('bad-file', `${folder} is a file; --out takes a folder for PNGs`);
  const strangers = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (item) => item.isFile() && !item.name.toLowerCase().endsWith('.png'),
  );
  if (strangers.length === 0) return false;
  throw new HalftoneError(
    'bad-file',
    `${folder} holds other files (${strangers[0]!.name}); give a folder for PNGs alone`,
  );
}

/** Each image's own name with .png; where two would share one, the old ending stays in it. */
function pngNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const short = `${name.slice(0, name.length - extname(name).length)}.png`;
    const chosen = taken.has(short.toLowerCase()) ? `${name}.png` : short;
    taken.add(chosen.toLowerCase());
    return chosen;
  });
}
