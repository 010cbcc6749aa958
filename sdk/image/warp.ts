import type { Operation } from './operation.ts';

/** A projective map of the plane, row by row. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

/** Where a point goes. */
export function projected(h: Homography, x: number, y: number): readonly [x: number, y: number] {
  const w = h[6] * x + h[7] * y + h[8];
  return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
}

/** The map back, up to a factor, which a projective map doesn't feel. */
export function inverted([a, b, c, d, e, f, g, h, i]: Homography): Homography {
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
}

/** How a picture is read where a projective map says. */
export interface Reading {
  /** From the target's pixels to the source's, both counted from the upper left corner of the first pixel. */
  readonly toSource: Homography;
  /** Size of the target. */
  readonly width: number;
  readonly height: number;
  /** Readings along each side of a target's pixel; their mean counts. Twice as many as source pixels lie there do. */
  readonly samples: number;
  /** `nearest`: pixels are squares, as they are printed. `bilinear`: between their centres. */
  readonly between: 'nearest' | 'bilinear';
  /** What lies beyond the source, a value a channel; absent, it goes on as its outermost pixels. */
  readonly outside?: readonly number[];
}

/** The size of a picture of three channels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Reads a picture of three channels through a projective map, as an operation; every pixel is a mean over its area. */
export function warpOf(source: Size, reading: Reading): Operation {
  const taps = reading.between === 'nearest' ? nearestTaps(source, reading) : bilinearTaps(source, reading);
  return (input) => ({
    values: gather(taps, input, reading),
    pullback: (cotangent) => scatter(taps, cotangent, input.length),
  });
}

/** For each of the target's pixels, one after the other, `each` values' indices in the source, and their weights. */
interface Taps {
  readonly each: number;
  /** −1 for what lies outside. */
  readonly from: Int32Array;
  readonly weights: Float32Array;
}

function gather(
  { each, from, weights }: Taps,
  input: Float32Array,
  { width, height, outside }: Reading,
): Float32Array {
  const values = new Float32Array(width * height * 3);
  const [red, green, blue] = [outside?.[0] ?? 0, outside?.[1] ?? 0, outside?.[2] ?? 0];
  for (let to = 0, tap = 0; to < values.length; to += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (const end = tap + each; tap < end; tap++) {
      const at = from[tap]!;
      const weight = weights[tap]!;
      r += weight * (at < 0 ? red : input[at]!);
      g += weight * (at < 0 ? green : input[at + 1]!);
      b += weight * (at < 0 ? blue : input[at + 2]!);
    }
    values[to] = r;
    values[to + 1] = g;
    values[to + 2] = b;
  }
  return values;
}

function scatter({ each, from, weights }: Taps, cotangent: Float32Array, length: number): Float32Array {
  const back = new Float32Array(length);
  for (let to = 0, tap = 0; to < cotangent.length; to += 3) {
    for (const end = tap + each; tap < end; tap++) {
      const at = from[tap]!;
      if (at < 0) continue;
      const weight = weights[tap]!;
      back[at]! += weight * cotangent[to]!;
      back[at + 1]! += weight * cotangent[to + 1]!;
      back[at + 2]! += weight * cotangent[to + 2]!;
    }
  }
  return back;
}

/** Calls `read` with the number of each reading and its place in the source, pixel after pixel. */
function eachReading(
  { toSource: h, width, height, samples }: Reading,
  read: (index: number, x: number, y: number) => void,
): void {
  let index = 0;
  for (let i = 0; i < width * height; i++) {
    for (let s = 0; s < samples * samples; s++, index++) {
      const u = (i % width) + ((s % samples) + 0.5) / samples;
      const v = Math.floor(i / width) + (Math.floor(s / samples) + 0.5) / samples;
      const w = h[6] * u + h[7] * v + h[8];
      read(index, (h[0] * u + h[1] * v + h[2]) / w, (h[3] * u + h[4] * v + h[5]) / w);
    }
  }
}

function isOutside({ width, height }: Size, { outside }: Reading, x: number, y: number): boolean {
  return outside !== undefined && !(x >= 0 && y >= 0 && x < width && y < height);
}

function nearestTaps(source: Size, reading: Reading): Taps {
  const each = reading.samples ** 2;
  const from = new Int32Array(reading.width * reading.height * each);
  eachReading(reading, (index, x, y) => {
    const left = Math.max(0, Math.min(source.width - 1, Math.floor(x)));
    const top = Math.max(0, Math.min(source.height - 1, Math.floor(y)));
    from[index] = isOutside(source, reading, x, y) ? -1 : (top * source.width + left) * 3;
  });
  return { each, from, weights: new Float32Array(from.length).fill(1 / each) };
}

function bilinearTaps(source: Size, reading: Reading): Taps {
  const { width, height } = source;
  const share = 1 / reading.samples ** 2;
  const each = 4 * reading.samples ** 2;
  const from = new Int32Array(reading.width * reading.height * each);
  const weights = new Float32Array(from.length);
  eachReading(reading, (index, x, y) => {
    const px = Math.max(0, Math.min(width - 1, x - 0.5));
    const py = Math.max(0, Math.min(height - 1, y - 0.5));
    const [left, top] = [Math.floor(px), Math.floor(py)];
    const [fx, fy] = [px - left, py - top];
    const at = (top * width + left) * 3;
    const right = left < width - 1 ? 3 : 0;
    const down = top < height - 1 ? 3 * width : 0;
    const beyond = isOutside(source, reading, x, y);
    for (let corner = 0; corner < 4; corner++) {
      const [across, along] = [corner & 1, corner >> 1];
      from[4 * index + corner] = beyond ? -1 : at + across * right + along * down;
      weights[4 * index + corner] = share * (across ? fx : 1 - fx) * (along ? fy : 1 - fy);
    }
  });
  return { each, from, weights };
}
