import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import { writeAtomic } from '../data/atomic.ts';
import { fileError, parseWith } from '../data/schema.ts';
import { elementCount } from '../graph/tensors.ts';

/**
 * A training's state in a file: eight bytes of name, the header's length (uint32), the header (JSON), then every
 * array as float32, all little-endian. The header holds the arrays' SHA-256.
 */

const MAGIC = Buffer.from('HALFTON1');

const share = z.number().min(0).max(1);

const epochSchema = z.strictObject({
  epoch: z.int(),
  loss: z.number(),
  accuracy: share,
  validation: share.optional(),
});

const progressSchema = z.strictObject({
  /** Optimizer steps done. */
  step: z.int().min(0),
  /** Of the epoch under way: sum of the images' losses, images seen, images classified right. */
  lossSum: z.number(),
  seen: z.int(),
  right: z.int(),
  history: z.array(epochSchema),
});

const arraySchema = z.strictObject({ name: z.string(), dims: z.array(z.int().min(0)) });

const headerSchema = z.strictObject({
  recipe: z.unknown(),
  progress: progressSchema,
  arrays: z.array(arraySchema),
  sha256: z.string(),
});

/** What one epoch came to; loss and accuracy are those of the training batches as they were met. */
export type EpochReport = z.infer<typeof epochSchema>;

/** How far a training is. */
export type TrainingProgress = z.infer<typeof progressSchema>;

/** An array with its name. */
export interface NamedArray {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface Checkpoint {
  /** The recipe that the training follows, as parsed. */
  readonly recipe: unknown;
  readonly progress: TrainingProgress;
  readonly arrays: readonly NamedArray[];
}

/** Writes a checkpoint whole or not at all. Throws `bad-file`, such as for a full disk; an older one stays. */
export async function writeCheckpoint(path: string, { recipe, progress, arrays }: Checkpoint): Promise<void> {
  const bytes = arrays.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const listed = arrays.map(({ name, dims }) => ({ name, dims: [...dims] }));
  const header = Buffer.from(
    JSON.stringify({ recipe, progress, arrays: listed, sha256: digest(bytes) } satisfies z.infer<
      typeof headerSchema
    >),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  await writeAtomic(path, [MAGIC, length, header, ...bytes]);
}

function digest(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Reads a checkpoint. Throws `not-found`, or `bad-file` for one that is cut short, altered or no checkpoint. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (!file.subarray(0, 8).equals(MAGIC) || file.length < 12) throw broken(path, 'is no checkpoint');
  const start = 12 + file.readUInt32LE(8);
  if (start > file.length) throw broken(path, 'is cut short');
  const header = parseWith(headerSchema, json(path, file.subarray(12, start)), path);
  const body = file.subarray(start);
  const wanted = header.arrays.reduce((sum, { dims }) => sum + 4 * elementCount(dims), 0);
  if (body.length !== wanted) throw broken(path, `holds ${body.length} bytes of weights, not ${wanted}`);
  if (digest([body]) !== header.sha256) throw broken(path, 'was altered: its checksum is another');
  // A copy begins where floats may: the header has any length.
  const values = new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
  let at = 0;
  const arrays = header.arrays.map(({ name, dims }) => {
    const data = values.slice(at, at + elementCount(dims));
    at += data.length;
    return { name, dims, data };
  });
  return { recipe: header.recipe, progress: header.progress, arrays };
}

function json(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new HalftoneError('bad-file', `${path}: its header isn't JSON`, { cause });
  }
}

function broken(path: string, what: string): HalftoneError {
  return new HalftoneError('bad-file', `the checkpoint ${path} ${what}`);
}
