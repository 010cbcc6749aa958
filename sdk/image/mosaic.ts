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
  walk(
    width,
    height,
    (to, from, weight) => {
      out[to]! += weight * seen[from]!;
    },
    (to, offsets, weights, at) => {
      let sum = 0;
      for (let i = 0; i < offsets.length; i++) sum += weights[i]! * seen[at + offsets[i]!]!;
      out[to] = sum;
    },
    out,
  );
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
  walk(
    width,
    height,
    (to, from, weight) => {
      seen[from]! += weight * cotangent[to]!;
    },
    (to, offsets, weights, at) => {
      for (let i = 0; i < offsets.length; i++) seen[at + offsets[i]!]! += weights[i]! * cotangent[to]!;
    },
  );
  const back = new Float32Array(cotangent.length);
  for (let i = 0; i < seen.length; i++)
    back[i * 3 + seenChannel(i % width, Math.floor(i / width))] = seen[i]!;
  return back;
}

/** Calls `inside` once for each value of the picture where no filter leaves it, `edge` for each tap elsewhere. */
function walk(
  width: number,
  height: number,
  edge: (to: number, from: number, weight: number) => void,
  inside: (to: number, offsets: Int32Array, weights: Float32Array, at: number) => void,
  cleared?: Float32Array,
): void {
  const flat = filters.map((of) =>
    of.map((taps) => ({
      offsets: Int32Array.from(taps, ([x, y]) => y * width + x),
      weights: Float32Array.from(taps, ([, , weight]) => weight / 8),
    })),
  );
  cleared?.fill(0);
  for (let y = 0; y < height; y++) {
    const innerRow = y >= 2 && y < height - 2;
    for (let x = 0; x < width; x++) {
      const phase = (x & 1) + 2 * (y & 1);
      const at = y * width + x;
      for (let c = 0; c < 3; c++) {
        if (innerRow && x >= 2 && x < width - 2) {
          const { offsets, weights } = flat[phase]![c]!;
          inside(at * 3 + c, offsets, weights, at);
        } else {
          for (const [right, down, weight] of filters[phase]![c]!) {
            const from = mirrored(y + down, height) * width + mirrored(x + right, width);
            edge(at * 3 + c, from, weight / 8);
          }
        }
      }
    }
  }
}

function mirrored(place: number, count: number): number {
  const folded = place < 0 ? -place : place;
  return folded >= count ? 2 * (count - 1) - folded : folded;
}
