import { decode, ExtensionCodec, encode } from '@msgpack/msgpack';

/**
 * Messages as bytes, for channels that carry bytes (a WebSocket). MessagePack as it is, with typed arrays as
 * one extension: MessagePack alone would hand every typed array back as bytes.
 */

const TYPED_ARRAY = 1;

/** The order is the wire format: append only. */
const arrays = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
] as const;

type TypedArray = InstanceType<(typeof arrays)[number]>;

const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: TYPED_ARRAY, encode: encodeArray, decode: decodeArray });

function encodeArray(value: unknown): Uint8Array | null {
  const kind = arrays.findIndex((array) => value instanceof array);
  if (kind < 0) return null;
  const { buffer, byteOffset, byteLength } = value as TypedArray;
  const bytes = new Uint8Array(byteLength + 1);
  bytes[0] = kind;
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength), 1);
  return bytes;
}

function decodeArray(bytes: Uint8Array): TypedArray {
  const array = arrays[bytes[0] ?? -1];
  const size = bytes.length - 1;
  if (array === undefined || size % array.BYTES_PER_ELEMENT !== 0) throw new Error('a damaged typed array');
  // A copy: the message's own buffer starts anywhere, a typed array only at its element's multiple.
  return new array(bytes.slice(1).buffer);
}

/** One message as bytes. Keys whose value is undefined are left out. */
export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  return encode(message, { extensionCodec, ignoreUndefined: true });
}

/** The message in these bytes; throws on bytes that are none. `Uint8Array`s in it are views on `bytes`. */
export function decodeMessage(bytes: Uint8Array): unknown {
  return decode(bytes, { extensionCodec });
}
