import type { Operation } from './operation.ts';

/**
 * A sensor that sees one colour a pixel (Bayer's pattern: red and green in even rows, green and blue in odd ones) and
 * the colours put together again by Malvar, He and Cutler's linear filters (2004). Beyond its edges the picture is
 * mirrored, which keeps the pattern. `width` and `height` are at least 3.
 */

type Tap = readonly [right: number, down: number, weight: number];

/** Green where red or blue was seen. */
const green: readonly Tap[] = [
  [0, 0, 4],
  [1, 0, 2],
  [-1, 0, 2],
  [0, 1, 2],
  [0, -1, 2],
  [2, 0, -1],
  [-2, 0, -1],
  [0, 2, -1],
  [0, -2, -1],
];
/** A colour where green was seen and the colour lies left and right. */
const beside: readonly Tap[] = [
  [0, 0, 5],
  [1, 0, 4],
  [-1, 0, 4],
  [2, 0, -1],
  [-2, 0, -1],
  [0, 2, 0.5],
  [0, -2, 0.5],
  [1, 1, -1],
  [-1, 1, -1],
  [1, -1, -1],
  [-1, -1, -1],
];
/** The same where it lies above and below. */
const above = beside.map(([x, y, weight]): Tap => [y, x, weight]);
/** Red where blue was seen, and the other way round. */
const diagonal: readonly Tap[] = [
  [0, 0, 6],
  [1, 1, 2],
  [-1, 1, 2],
  [1, -1, 2],
  [-1, -1, 2],
  [2, 0, -1.5],
  [-2, 0, -1.5],
  [0, 2, -1.5],
  [0, -2, -1.5],
];
const itself: readonly Tap[] = [[0, 0, 8]];

/** Filters of red, green and blue for each of the four pixels of the pattern: (0, 0), (1, 0), (0, 1), (1, 1). */
const filters: readonly (readonly (readonly Tap[])[])[] = [
  [itself, green, diagonal],
  [beside, itself, above],
  [above, itself, beside],
  [diagonal, green, itself],
];

/** The channel that a pixel sees. */
export function seenChannel(x: number, y: number): 0 | 1 | 2 {
  return ((x & 1) + (y & 1)) as 0 | 1 | 2;
}

/** Three colours a pixel, [height, width, 3], from one, [height, width]. */
export function demosaic(seen: Float32Array, width: number, height: number, out: Float32Array): void {
  out.fill(0);
  walk(width, height, {
    edge(to, from, weight) {
      out[to]! += weight * seen[from]!;
    },
    row({ offsets, weights }, first, last, channel) {
      for (let at = first; at < last; at += 2) {
        let sum = 0;
        for (let i = 0; i < offsets.length; i++) sum += weights[i]! * seen[at + offsets[i]!]!;
        out[at * 3 + channel] = sum;
      }
    },
  });
}

/** What a sensor behind Bayer's pattern makes of a picture, as an operation. */
export function mosaicOf(width: number, height: number): Operation {
  return (input) => {
    const seen = new Float32Array(width * height);
    for (let i = 0; i < seen.length; i++)
      seen[i] = input[i * 3 + seenChannel(i % width, Math.floor(i / width))]!;
    const values = new Float32Array(input.length);
    demosaic(seen, width, height, values);
    return { values, pullback: (cotangent) => mosaicBack(cotangent, width, height) };
  };
}

function mosaicBack(cotangent: Float32Array, width: number, height: number): Float32Array {
  const seen = new Float32Array(width * height);
  walk(width, height, {
    edge(to, from, weight) {
      seen[from]! += weight * cotangent[to]!;
    },
    row({ offsets, weights }, first, last, channel) {
      for (let at = first; at < last; at += 2) {
        const value = cotangent[at * 3 + channel]!;
        for (let i = 0; i < offsets.length; i++) seen[at + offsets[i]!]! += weights[i]! * value;
      }
    },
  });
  const back = new Float32Array(cotangent.length);
  for (let i = 0; i < seen.length; i++)
    back[i * 3 + seenChannel(i % width, Math.floor(i / width))] = seen[i]!;
  return back;
}

/** A filter as places relative to a pixel's and their weights. */
interface Filter {
  readonly offsets: Int32Array;
  readonly weights: Float32Array;
}

interface Visitor {
  /** One tap of one value near the rim; `to` counts values of the picture, `from` pixels. */
  edge(to: number, from: number, weight: number): void;
  /** Every second pixel from `first` to before `last` of a row, whose filter of a channel never leaves the picture. */
  row(filter: Filter, first: number, last: number, channel: number): void;
}

function walk(width: number, height: number, { edge, row }: Visitor): void {
  const flat = filters.map((of) =>
    of.map((taps) => ({
      offsets: Int32Array.from(taps, ([x, y]) => y * width + x),
      weights: Float32Array.from(taps, ([, , weight]) => weight / 8),
    })),
  );
  const atRim = (x: number, y: number) => {
    for (let c = 0; c < 3; c++) {
      for (const [right, down, weight] of filters[(x & 1) + 2 * (y & 1)]![c]!) {
        const from = mirrored(y + down, height) * width + mirrored(x + right, width);
        edge((y * width + x) * 3 + c, from, weight / 8);
      }
    }
  };
  for (let y = 0; y < height; y++) {
    const inner = y >= 2 && y < height - 2 && width > 4;
    if (inner) {
      for (const x of [2, 3]) {
        for (let c = 0; c < 3; c++)
          row(flat[(x & 1) + 2 * (y & 1)]![c]!, y * width + x, y * width + width - 2, c);
      }
    }
    for (let x = 0; x < width; x++) if (!inner || x < 2 || x >= width - 2) atRim(x, y);
  }
}

function mirrored(place: number, count: number): number {
  const folded = place < 0 ? -place : place;
  return folded >= count ? 2 * (count - 1) - folded : folded;
}
