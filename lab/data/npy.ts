import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { HalftoneError } from '@halftone/sdk/errors';
import { writeAtomic } from './atomic.ts';
import { fileError } from './schema.ts';

/**
 * NumPy's .npy files, versions 1.0 to 3.0: magic, version, header length, a Python literal, then the values.
 * Format: numpy.lib.format in NumPy's reference manual.
 */

/** Types that are read and written here. */
export type NpyType = keyof typeof constructors;

/** An array in memory, row-major. */
export interface NpyArray {
  readonly dtype: NpyType;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

export type NpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array;

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
} as const;

const codes: Readonly<Record<NpyType, string>> = {
  float32: '<f4',
  float64: '<f8',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
};

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** Longer headers belong to record types; NumPy itself refuses above 10,000 unless told to trust the file. */
const longestHeader = 10_000;

/** Reads a .npy file. Throws `not-found` or `bad-file`, naming the path. */
export async function readNpy(path: string): Promise<NpyArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
  return parseNpy(bytes, path);
}

/**
 * An array from a file's bytes; `what` names them in errors. Fortran order is turned into row-major order.
 * Throws `bad-file`: not .npy, truncated, a header that makes no sense, a type not in `NpyType`.
 */
export function parseNpy(bytes: Uint8Array, what: string): NpyArray {
  const { header, start } = readHeader(bytes, what);
  const { code, fortran, shape } = parseHeader(header, what);
  const dtype = typeOf(code, what);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const size = constructors[dtype].BYTES_PER_ELEMENT;
  const expected = count * size;
  if (bytes.length - start !== expected) {
    const problem = bytes.length - start < expected ? 'truncated' : 'too long';
    const text = `${what}: ${problem}: shape (${shape.join(', ')}) of ${dtype} needs ${expected} bytes, ${bytes.length - start} follow the header`;
    throw new HalftoneError('bad-file', text);
  }
  const data = valuesAt(bytes, start, dtype, count);
  return { dtype, shape, data: fortran && shape.length > 1 ? rowMajor(data, shape) : data };
}

function readHeader(bytes: Uint8Array, what: string): { header: string; start: number } {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new HalftoneError('bad-file', `${what}: not a NumPy .npy file`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3 || bytes[7] !== 0) {
    throw new HalftoneError(
      'bad-file',
      `${what}: .npy version ${version}.${bytes[7]}; 1.0 to 3.0 can be read`,
    );
  }
  const lengthBytes = version === 1 ? 2 : 4;
  if (bytes.length < 8 + lengthBytes) throw new HalftoneError('bad-file', `${what}: truncated in its header`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = 8 + lengthBytes + length;
  if (length > longestHeader)
    throw new HalftoneError('bad-file', `${what}: a header of ${length} bytes is too long`);
  if (start > bytes.length) throw new HalftoneError('bad-file', `${what}: truncated in its header`);
  return { header: new TextDecoder().decode(bytes.subarray(8 + lengthBytes, start)), start };
}

interface Header {
  readonly code: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

function parseHeader(header: string, what: string): Header {
  const code = /['"]descr['"]\s*:\s*['"]([<>|=]?[A-Za-z]\d*)['"]/.exec(header)?.[1];
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (code === undefined || order === undefined || shape === undefined) {
    const text = `${what}: its header names no plain type, order and shape: ${header.trim().slice(0, 120)}`;
    throw new HalftoneError('bad-file', text);
  }
  const extents = shape
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map(Number);
  const count = extents.reduce((product, extent) => product * extent, 1);
  if (!extents.every(Number.isSafeInteger) || !Number.isSafeInteger(count * 8)) {
    throw new HalftoneError('bad-file', `${what}: shape (${shape}) is too large`);
  }
  return { code, fortran: order === 'True', shape: extents };
}

function typeOf(code: string, what: string): NpyType {
  const found = (Object.keys(codes) as NpyType[]).find((type) => {
    const known = codes[type];
    // Bytes have no order, whatever sign stands before them.
    return known === code || (known.startsWith('|') && known.slice(1) === code.slice(1));
  });
  if (found !== undefined) return found;
  const types = Object.keys(codes).join(', ');
  throw new HalftoneError('bad-file', `${what}: type '${code}'; little-endian ${types} can be read`);
}

function valuesAt(bytes: Uint8Array, start: number, dtype: NpyType, count: number): NpyData {
  const Values = constructors[dtype];
  if (endianness() !== 'LE') throw new HalftoneError('internal', '.npy files need a little-endian machine');
  const offset = bytes.byteOffset + start;
  // A header that NumPy wrote ends on a multiple of 64, so that this is a view and no copy.
  if (offset % Values.BYTES_PER_ELEMENT === 0) {
    return new Values(bytes.buffer as ArrayBuffer, offset, count) as NpyData;
  }
  // Not slice(): a Buffer's is a view.
  const copy = new Uint8Array(bytes.subarray(start));
  return new Values(copy.buffer, 0, count) as NpyData;
}

/** Values stored column after column, put in row-major order. */
function rowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const out = data.slice();
  const strides = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, extent) => product * extent, 1),
  );
  const index = shape.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = data[index.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out;
}

/** The bytes of a .npy file (version 1.0, row-major), as the parts to write: a header and the values as they are. */
export function formatNpy({ dtype, shape, data }: NpyArray): [header: Uint8Array, values: Uint8Array] {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const literal = `{'descr': '${codes[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padding = 64 - ((10 + literal.length + 1) % 64);
  const text = `${literal}${' '.repeat(padding % 64)}\n`;
  const header = new Uint8Array(10 + text.length);
  header.set(magic);
  header.set([1, 0, text.length & 255, text.length >> 8], 6);
  header.set(new TextEncoder().encode(text), 10);
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** Writes a .npy file, whole or not at all. Throws as `writeAtomic`. */
export async function writeNpy(path: string, array: NpyArray): Promise<void> {
  await writeAtomic(path, formatNpy(array));
}
