/**
 * What the host and a plugin's process say to each other. A frame is eight bytes (length of the header, length of the
 * arrays, both little-endian), a header in JSON, and the arrays that it announces, one after the other as they lie in
 * memory. Both ends are on one machine, so the arrays' byte order is its own.
 *
 * The process asks one question at a time and waits; everything in a frame from it is checked in `messages.ts`.
 */

/** An array on its way. Both kinds have four bytes a value. */
export type WireArray = Float32Array | Int32Array;
export type WireType = 'float32' | 'int32';

/** What every header says of the arrays behind it. */
export interface Announced {
  readonly arrays: readonly { readonly type: WireType; readonly length: number }[];
}

/** A message with its arrays. */
export interface Frame<H = Record<string, unknown>> {
  readonly header: H;
  readonly arrays: readonly WireArray[];
}

export const PREFIX_BYTES = 8;
/** A header holds a definition or a message, no data. */
export const MOST_HEADER_BYTES = 1 << 20;

/** A criterion without its classes, which travel as an array. */
export type WireObjective =
  | { readonly kind: 'cross-entropy'; readonly temperature?: number }
  | { readonly kind: 'margin'; readonly kappa?: number }
  | { readonly kind: 'logit-difference' };

/** How a plugin is opened: the first frame that a process gets. */
export interface LoadOrder {
  readonly type: 'load';
  readonly name: string;
  readonly kind: 'attack' | 'defense' | 'channel' | 'model' | 'dataset';
  /** URL of the plugin's folder, ending in `/`. */
  readonly folder: string;
  /** URL of the module with the default export. */
  readonly entry: string;
  /** URLs of folders, ending in `/`, of which modules may be loaded once the plugin runs. */
  readonly roots: readonly string[];
  /** Packages that the host provides: name to URL. */
  readonly provided: Readonly<Record<string, string>>;
  /** Whether it will be run, which takes TensorFlow.js; otherwise it only says what it is. */
  readonly tensors: boolean;
}

/** Asks for the derived default of a parameter. */
export interface DefaultOrder {
  readonly type: 'default';
  readonly name: string;
  readonly values: Readonly<Record<string, number | boolean | string>>;
}

/** Runs an attack on a batch. Arrays: images, classes of the criterion. */
export interface AttackOrder {
  readonly type: 'attack';
  readonly shape: readonly number[];
  readonly criterion: 'untargeted' | 'targeted';
  readonly classes: number;
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
  /** What the model offers. */
  readonly access: 'white-box' | 'score' | 'decision';
  /** Seed words of the run's stream and of each image's. */
  readonly random: readonly number[];
  readonly randoms: readonly (readonly number[])[];
}

/** Puts a batch through a channel or a defence. Arrays: images. */
export interface TransformOrder {
  readonly type: 'transform';
  readonly shape: readonly number[];
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
  readonly randoms: readonly (readonly number[])[];
  /** Under which number `pullback` and `release` will name the result. */
  readonly handle: number;
}

/** Pulls a cotangent back through a transformed batch. Arrays: cotangent. */
export interface PullbackOrder {
  readonly type: 'pullback';
  readonly handle: number;
  readonly shape: readonly number[];
}

export interface ReleaseOrder {
  readonly type: 'release';
  readonly handle: number;
}

/** Asks a data set for all labels of a part, or for images of it. Arrays: for images their indices. */
export interface PartOrder {
  readonly type: 'set-labels' | 'set-images';
  readonly part: 'train' | 'test';
}

export type Order =
  | LoadOrder
  | DefaultOrder
  | AttackOrder
  | TransformOrder
  | PullbackOrder
  | ReleaseOrder
  | PartOrder;

/** The host's answer to a question; `shapes` is one for each array. */
export type Answer =
  | {
      readonly type: 'answer';
      readonly shapes: readonly (readonly number[])[];
      readonly flag?: boolean;
      readonly handle?: number;
    }
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

/** What the process asks while it carries out an order. Arrays: images (or a cotangent) first. */
export type Question =
  | { readonly type: 'labels' | 'logits' | 'probabilities'; readonly shape: readonly number[] }
  | {
      readonly type: 'gradient';
      readonly shape: readonly number[];
      readonly criterion: 'untargeted' | 'targeted';
      readonly objective: WireObjective;
    }
  | { readonly type: 'backward'; readonly shape: readonly number[] }
  | {
      readonly type: 'channel';
      readonly shape: readonly number[];
      readonly randoms: readonly (readonly number[])[];
    }
  | { readonly type: 'pull'; readonly handle: number; readonly shape: readonly number[] }
  | { readonly type: 'leave'; readonly handle: number };

/** What the process says unasked. */
export type Notice =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'report'; readonly shape: readonly number[] };

/** The last word on an order. */
export type Outcome =
  | {
      readonly type: 'done';
      readonly shape?: readonly number[];
      readonly value?: unknown;
      readonly pullback?: boolean;
    }
  | { readonly type: 'failed'; readonly code?: string; readonly message: string; readonly stack?: string };

/** A frame's first part: prefix and header; the arrays follow as they are. */
export function frameHead(header: object, arrays: readonly WireArray[]): Uint8Array {
  const announced: Announced = {
    arrays: arrays.map((array) => ({
      type: array instanceof Int32Array ? 'int32' : 'float32',
      length: array.length,
    })),
  };
  const text = new TextEncoder().encode(JSON.stringify({ ...header, ...announced }));
  const head = new Uint8Array(PREFIX_BYTES + text.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, text.length, true);
  view.setUint32(4, bytesOf(announced), true);
  head.set(text, PREFIX_BYTES);
  return head;
}

/** Bytes of the announced arrays. */
export function bytesOf({ arrays }: Announced): number {
  return arrays.reduce((sum, { length }) => sum + length * 4, 0);
}

/** The announced arrays as views on their bytes. */
export function splitArrays({ arrays }: Announced, bytes: ArrayBuffer): WireArray[] {
  let at = 0;
  return arrays.map(({ type, length }) => {
    const array = type === 'int32' ? new Int32Array(bytes, at, length) : new Float32Array(bytes, at, length);
    at += length * 4;
    return array;
  });
}

/** An array's bytes, without a copy. */
export function bytesIn(array: WireArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Bytes as an array that can travel: four to a value, zeros after the last. */
export function packedBytes(bytes: Uint8Array): Int32Array {
  const packed = new Int32Array(Math.ceil(bytes.length / 4));
  bytesIn(packed).set(bytes);
  return packed;
}

/** The first `length` bytes that came in such an array, without a copy. */
export function unpackedBytes(packed: WireArray, length: number): Uint8Array {
  return bytesIn(packed).subarray(0, length);
}
