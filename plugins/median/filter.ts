/** Medians, and where each comes from. */
export interface Medians {
  readonly values: Float32Array;
  /** Index of the value that each median is. */
  readonly chosen: Int32Array;
}

type Shape = readonly [count: number, height: number, width: number, channels: number];

/**
 * The median of the window around every value, NHWC, each channel for itself. The image is mirrored at its edges, the
 * edge's own pixels first. Of an even number of values it is the upper one of the middle two, and the window of an
 * even side reaches one pixel farther up and to the left.
 */
export function medianOf(data: Float32Array, [, height, width, channels]: Shape, side: number): Medians {
  const values = new Float32Array(data.length);
  const chosen = new Int32Array(data.length);
  const rows = mirrored(height, side);
  const columns = mirrored(width, side);
  const window = new Int32Array(side * side);
  const middle = window.length >> 1;
  for (let at = 0; at < data.length; at++) {
    const channel = at % channels;
    const pixel = Math.floor(at / channels);
    const x = pixel % width;
    const y = Math.floor(pixel / width) % height;
    const image = Math.floor(pixel / (width * height));
    let filled = 0;
    for (let dy = 0; dy < side; dy++) {
      const row = (image * height + rows[y + dy]!) * width;
      for (let dx = 0; dx < side; dx++) {
        const index = (row + columns[x + dx]!) * channels + channel;
        filled = insert(window, filled, index, data);
      }
    }
    chosen[at] = window[middle]!;
    values[at] = data[window[middle]!]!;
  }
  return { values, chosen };
}

/** Pixel that stands at each place from the window's reach before the edge to its reach behind the other. */
function mirrored(extent: number, side: number): Int32Array {
  const before = side >> 1;
  return Int32Array.from({ length: extent + side - 1 }, (_, i) => {
    const place = (((i - before) % (2 * extent)) + 2 * extent) % (2 * extent);
    return place < extent ? place : 2 * extent - 1 - place;
  });
}

/** Puts an index in its place among those that are sorted by value; how many there are now. */
function insert(window: Int32Array, filled: number, index: number, data: Float32Array): number {
  const value = data[index]!;
  let place = filled;
  while (place > 0 && data[window[place - 1]!]! > value) {
    window[place] = window[place - 1]!;
    place -= 1;
  }
  window[place] = index;
  return filled + 1;
}
