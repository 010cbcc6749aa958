import { GraphError } from '../errors.ts';
import type { TensorProto } from '../generated/onnx_pb.js';
import { printable } from './names.ts';

/**
 * Reads `length` bytes at `offset` of the file that a model calls `location`, a relative path that has been
 * checked not to leave the model's folder. The array should be fresh, so that it may be viewed in place.
 */
export type ReadExternal = (location: string, offset: number, length: number) => Uint8Array;

function field(proto: TensorProto, key: string): string | undefined {
  return proto.externalData.find((entry) => entry.key === key)?.value;
}

function size(proto: TensorProto, key: string, fallback: number): number {
  const text = field(proto, key);
  if (text === undefined) return fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) {
    throw new GraphError(`External data of tensor '${proto.name}' has a bad ${key} '${printable(text)}'`, {
      code: 'bad-file',
    });
  }
  return value;
}

/** Refuses paths that could leave the model's folder: absolute ones, `..`, backslashes, drives. */
function checkLocation(location: string, tensor: string): void {
  const parts = location.split('/');
  const leaves = parts.some((part) => part === '..' || part === '');
  if (leaves || /[\\:\p{Cc}]/u.test(location)) {
    throw new GraphError(
      `External data of tensor '${tensor}' lies at '${printable(location)}', which isn't a path inside the model's folder`,
      { code: 'bad-file' },
    );
  }
}

/**
 * The bytes of a tensor stored beside the model. `expected` is the byte length that its dims ask for; an
 * error (code 'bad-file') when the entry says another, its path is not inside the model's folder, or the
 * file is too short.
 */
export function externalBytes(
  proto: TensorProto,
  expected: number,
  readExternal: ReadExternal | undefined,
): Uint8Array {
  const location = field(proto, 'location') ?? '';
  checkLocation(location, proto.name);
  if (readExternal === undefined) {
    throw new GraphError(
      `Tensor '${proto.name}' is stored in the file '${location}' beside the model; open the model by its path`,
      { code: 'bad-file' },
    );
  }
  const offset = size(proto, 'offset', 0);
  const length = size(proto, 'length', expected);
  if (length !== expected) {
    throw new GraphError(
      `External data of tensor '${proto.name}' has ${length} bytes where its dims ask for ${expected}`,
      { code: 'bad-file' },
    );
  }
  const bytes = readExternal(location, offset, length);
  if (bytes.byteLength !== length) {
    throw new GraphError(
      `The file '${location}' is too short for tensor '${proto.name}' (${length} bytes at ${offset})`,
      { code: 'bad-file' },
    );
  }
  return bytes;
}
