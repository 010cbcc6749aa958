import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HalftoneError } from '@halftone/sdk/errors';
import { fileError } from './schema.ts';

/**
 * The idx files of MNIST and its kin: two zero bytes, a type, a rank, the extents as big-endian 32-bit numbers, the
 * values in row-major order. Only unsigned bytes are read: every data set in this format that we know holds them.
 * Format: Y. LeCun, C. Cortes, C. Burges, 'The MNIST database of handwritten digits', at its end.
 */

/** An idx file's values. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const unsignedByte = 0x08;
/** Far above any data set in this format: what unpacks to more is no data set. */
const mostBytes = 1 << 30;

/** Reads an idx file, packed with gzip or not. Throws `not-found` or `bad-file`, naming the path. */
export async function readIdx(path: string): Promise<IdxArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
  return parseIdx(await unpacked(bytes, path), path);
}

/** The bytes themselves, or what they are the gzip of. Throws `bad-file` where the gzip is damaged; `what` names them. */
export async function unpacked(bytes: Uint8Array, what: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: mostBytes });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new HalftoneError('bad-file', `${what}: its gzip is truncated or damaged (${reason})`, { cause });
  }
}

/** Whether a file's bytes begin like a gzip. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** An array from the bytes of an idx file, as a view on them; `what` names them in errors. Throws `bad-file`. */
export function parseIdx(bytes: Uint8Array, what: string): IdxArray {
  const rank = bytes[3] ?? 0;
  const start = 4 + 4 * rank;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || rank === 0) {
    throw new HalftoneError('bad-file', `${what}: not an idx file (it begins with ${hex(bytes)})`);
  }
  if (bytes[2] !== unsignedByte) {
    throw new HalftoneError(
      'bad-file',
      `${what}: an idx file of type ${hex(bytes.subarray(2, 3))}; bytes (08) are needed`,
    );
  }
  if (bytes.length < start) throw new HalftoneError('bad-file', `${what}: truncated in its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = shape.reduce((product, extent) => product * extent, 1);
  const found = bytes.length - start;
  if (found !== expected) {
    const problem = found < expected ? 'truncated' : 'too long';
    const text = `${what}: ${problem}: shape (${shape.join(', ')}) needs ${expected} bytes, ${found} follow the header`;
    throw new HalftoneError('bad-file', text);
  }
  return { shape, data: bytes.subarray(start) };
}

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0'));
  return shown.length === 0 ? 'nothing' : shown.join(' ');
}
