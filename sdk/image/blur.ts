import type { Operation } from './operation.ts';

/**
 * Gaussian blur along rows and then along columns. Beyond its edges a picture goes on as its outermost pixels.
 * `data` is [height, width, channels].
 */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Below this standard deviation, in pixels, a blur changes nothing that eight bits show. */
const least = 0.15;

/** Half of a Gaussian's weights, the middle one first; the whole sums to 1. Reaches as far as 3 deviations. */
export function gaussianWeights(sigma: number): Float32Array {
  if (sigma < least) return Float32Array.of(1);
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const weights = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-0.5 * (i / sigma) ** 2));
  const sum = weights.reduce((total, weight, i) => total + (i === 0 ? weight : 2 * weight), 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

/** Blurs in place; `sigma` in pixels. */
export function gaussianBlur(data: Float32Array, plane: Plane, sigma: number): void {
  const weights = gaussianWeights(sigma);
  if (weights.length === 1) return;
  blurRows(data, plane, weights);
  blurColumns(data, plane, weights);
}

function blurRows(data: Float32Array, { width, height, channels }: Plane, weights: Float32Array): void {
  const reach = weights.length - 1;
  const row = width * channels;
  const padded = new Float32Array((width + 2 * reach) * channels);
  const middle = reach * channels;
  for (let y = 0; y < height; y++) {
    const line = data.subarray(y * row, (y + 1) * row);
    padded.set(line, middle);
    for (let i = 0; i < middle; i++) {
      padded[i] = line[i % channels]!;
      padded[middle + row + i] = line[row - channels + (i % channels)]!;
    }
    for (let i = 0; i < row; i++) {
      const at = i + middle;
      let sum = weights[0]! * padded[at]!;
      for (let k = 1, off = channels; k <= reach; k++, off += channels) {
        sum += weights[k]! * (padded[at - off]! + padded[at + off]!);
      }
      line[i] = sum;
    }
  }
}

/** Rows are added up whole, so that memory is read in order; those still needed are kept in a ring. */
function blurColumns(data: Float32Array, { width, height, channels }: Plane, weights: Float32Array): void {
  const reach = weights.length - 1;
  const row = width * channels;
  const kept = 2 * reach + 1;
  const ring = new Float32Array(kept * row);
  const slot = (y: number): Float32Array => {
    const at = (((y % kept) + kept) % kept) * row;
    return ring.subarray(at, at + row);
  };
  const rowAt = (y: number): Float32Array => {
    const inside = Math.max(0, Math.min(height - 1, y));
    return data.subarray(inside * row, (inside + 1) * row);
  };
  // Rows above the first are the first one; `ring` holds rows as they were.
  for (let y = -reach; y < reach; y++) slot(y).set(rowAt(y));
  for (let y = 0; y < height; y++) {
    if (y + reach < height) slot(y + reach).set(rowAt(y + reach));
    else slot(y + reach).set(slot(height - 1));
    const out = data.subarray(y * row, (y + 1) * row);
    const middle = slot(y);
    for (let i = 0; i < row; i++) out[i] = weights[0]! * middle[i]!;
    for (let k = 1; k <= reach; k++) {
      const weight = weights[k]!;
      const [above, below] = [slot(y - k), slot(y + k)];
      for (let i = 0; i < row; i++) out[i]! += weight * (above[i]! + below[i]!);
    }
  }
}

/** `gaussianBlur` as an operation. */
export function gaussianBlurOf(plane: Plane, sigma: number): Operation {
  return (input) => {
    const values = input.slice();
    gaussianBlur(values, plane, sigma);
    return {
      values,
      pullback(cotangent) {
        const back = cotangent.slice();
        gaussianBlurBack(back, plane, sigma);
        return back;
      },
    };
  };
}

/** The transpose of `gaussianBlur`, in place: what would fall beyond an edge falls on the outermost pixel. */
export function gaussianBlurBack(data: Float32Array, plane: Plane, sigma: number): void {
  const weights = gaussianWeights(sigma);
  if (weights.length === 1) return;
  const { width, height, channels } = plane;
  const row = width * channels;
  for (let x = 0; x < row; x++) spreadLine(data, x, row, height, weights);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) spreadLine(data, y * row + c, channels, width, weights);
  }
}

function spreadLine(
  data: Float32Array,
  first: number,
  stride: number,
  count: number,
  weights: Float32Array,
): void {
  const out = new Float32Array(count);
  const reach = weights.length - 1;
  for (let i = 0; i < count; i++) {
    const value = data[first + i * stride]!;
    for (let k = -reach; k <= reach; k++) {
      const to = Math.max(0, Math.min(count - 1, i + k));
      out[to]! += weights[Math.abs(k)]! * value;
    }
  }
  for (let i = 0; i < count; i++) data[first + i * stride] = out[i]!;
}
