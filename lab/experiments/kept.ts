import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import { writeAtomic } from '../data/atomic.ts';
import { makeFolder } from '../data/folders.ts';
import { lockFolder } from '../data/lock.ts';
import { readNpy, writeNpy } from '../data/npy.ts';
import { parseWith, readJson } from '../data/schema.ts';
import type { AttackOutcome } from '../registry/attack-host.ts';
import type { ImageBatch } from '../runtime/classifier-types.ts';

/** The part of an attack's outcome that can't be computed again without the attack. */
export interface KeptBatch extends Pick<AttackOutcome, 'raw' | 'spent' | 'violations'> {
  /** What the attack took. */
  readonly seconds: number;
}

/** The finished batches of a run, in a folder, so that an interrupted run goes on after the last of them. */
export interface KeptBatches {
  /** What was made of these images; undefined where that isn't finished. Throws `bad-argument` for other images. */
  read(start: number, images: ImageBatch): Promise<KeptBatch | undefined>;
  /** Keeps what was made of these images. */
  write(start: number, images: ImageBatch, batch: KeptBatch): Promise<void>;
  /** Lets others have the folder. */
  close(): Promise<void>;
}

const batchSchema = z.strictObject({
  /** Of the images that were attacked. */
  sha256: z.string(),
  spent: z.strictObject({
    queries: z.int().min(0),
    gradients: z.int().min(0),
    zeroGradients: z.int().min(0),
  }),
  violations: z.array(
    z.strictObject({
      image: z.int().min(0),
      bound: z.enum(['linf', 'l2', 'l1', 'l0', 'range']),
      allowed: z.number(),
      found: z.number(),
    }),
  ),
  seconds: z.number().min(0),
});

/** All that decides what a run makes, as JSON. */
export type RunIdentity = Readonly<Record<string, unknown>>;

/**
 * Opens the folder of a run that begins, or of one that goes on. `identity` says all that decides what the run makes.
 * Throws `bad-argument` for a folder that holds a run already, or, to go on with, another one, naming what differs;
 * `not-found` where there is none to go on with; `bad-file`.
 */
export async function openKept(
  folder: string,
  identity: RunIdentity,
  { resume }: { resume: boolean },
): Promise<KeptBatches> {
  const path = join(folder, 'attack.json');
  // As it comes back from the file: without what is undefined.
  const plain = JSON.parse(JSON.stringify(identity)) as Record<string, unknown>;
  await makeFolder(folder);
  const unlock = await lockFolder(folder, 'attack');
  try {
    if (resume) await checkSame(path, plain, folder);
    else await begin(path, plain, folder);
  } catch (error) {
    await unlock();
    throw error;
  }
  return { ...batchFiles(folder), close: unlock };
}

function batchFiles(folder: string): Pick<KeptBatches, 'read' | 'write'> {
  const base = (start: number) => join(folder, `batch-${String(start).padStart(6, '0')}`);
  return {
    async read(start, images) {
      if (!(await exists(`${base(start)}.json`))) return undefined;
      const { sha256, ...rest } = parseWith(
        batchSchema,
        await readJson(`${base(start)}.json`),
        `${base(start)}.json`,
      );
      if (sha256 !== digest(images)) {
        const text = `the images from number ${start} on are others than those that ${folder} goes on from`;
        throw new HalftoneError('bad-argument', text);
      }
      return { ...rest, raw: { ...images, data: await readRaw(`${base(start)}.npy`, images) } };
    },
    async write(start, images, { raw, ...rest }) {
      const { count, height, width, channels, data } = raw;
      await writeNpy(`${base(start)}.npy`, {
        dtype: 'float32',
        shape: [count, height, width, channels],
        data,
      });
      // The images are there: now the batch counts as finished.
      await writeAtomic(`${base(start)}.json`, JSON.stringify({ sha256: digest(images), ...rest }));
    },
  };
}

async function begin(path: string, identity: RunIdentity, folder: string): Promise<void> {
  if (await exists(path)) {
    const text = `${folder} holds a run already; go on with it, or choose another folder`;
    throw new HalftoneError('bad-argument', text);
  }
  await writeAtomic(path, `${JSON.stringify(identity, null, 2)}\n`);
}

async function checkSame(path: string, identity: Record<string, unknown>, folder: string): Promise<void> {
  if (!(await exists(path)))
    throw new HalftoneError('not-found', `there is no run to go on with in ${folder}`);
  const before = parseWith(z.record(z.string(), z.unknown()), await readJson(path), path);
  const fields = new Set([...Object.keys(before), ...Object.keys(identity)]);
  const changed = [...fields].filter((field) => !isDeepStrictEqual(before[field], identity[field]));
  if (changed.length === 0) return;
  throw new HalftoneError(
    'bad-argument',
    `the run in ${folder} is another one, with another ${changed.join(', ')}`,
  );
}

async function readRaw(path: string, { data: like }: ImageBatch): Promise<Float32Array> {
  const { data } = await readNpy(path);
  if (data instanceof Float32Array && data.length === like.length) return data;
  throw new HalftoneError('bad-file', `${path}: not the images of its batch`);
}

/** The SHA-256 of values, in hexadecimal. */
export function digest({ data }: { readonly data: Float32Array | Int32Array }): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
