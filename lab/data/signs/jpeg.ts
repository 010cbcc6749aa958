/**
 * What a JPEG file loses, without writing one: colour to luma and halved chroma, 8 × 8 cosine transforms, rounding
 * to the quantisation tables, and back. ITU-T T.81 (1992), tables of its annex K scaled for a quality of 1 to 100
 * as the Independent JPEG Group's library does; chroma is halved by averaging and enlarged by triangles. Huffman coding,
 * left out, loses nothing.
 */

const lumaTable = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const chromaTable = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

function scaled(table: readonly number[], quality: number): Float32Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return Float32Array.from(table, (step) =>
    Math.max(1, Math.min(255, Math.floor((step * percent + 50) / 100))),
  );
}

/** Row k is the k-th cosine of the orthonormal transform of eight values. */
const cosines = Float32Array.from({ length: 64 }, (_, i) => {
  const [k, n] = [Math.floor(i / 8), i % 8];
  return (k === 0 ? Math.sqrt(1 / 8) : 0.5) * Math.cos(((2 * n + 1) * k * Math.PI) / 16);
});

/** Turned over, the matrix of the transform back. */
const cosinesBack = Float32Array.from({ length: 64 }, (_, i) => cosines[(i % 8) * 8 + Math.floor(i / 8)]!);

/** One for a thread: it keeps its scratch memory. `size` is a multiple of 16. */
export class Jpeg {
  readonly #size: number;
  readonly #luma: Float32Array;
  readonly #chroma: readonly [Float32Array, Float32Array];
  readonly #block = new Float32Array(64);
  readonly #turned = new Float32Array(64);

  constructor(size: number) {
    this.#size = size;
    this.#luma = new Float32Array(size * size);
    this.#chroma = [new Float32Array((size * size) / 4), new Float32Array((size * size) / 4)];
  }

  /** Replaces `levels`, [size, size, 3] in 0 to 255, by what a JPEG of a quality of 1 to 100 keeps. */
  apply(levels: Float32Array, quality: number): void {
    this.#split(levels);
    this.#quantise(this.#luma, this.#size, scaled(lumaTable, quality));
    const table = scaled(chromaTable, quality);
    for (const plane of this.#chroma) this.#quantise(plane, this.#size / 2, table);
    this.#join(levels);
  }

  #split(levels: Float32Array): void {
    const size = this.#size;
    const [blue, red] = this.#chroma;
    blue.fill(0);
    red.fill(0);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const at = (y * size + x) * 3;
        const r = levels[at]!;
        const b = levels[at + 2]!;
        const luma = 0.299 * r + 0.587 * levels[at + 1]! + 0.114 * b;
        this.#luma[y * size + x] = luma - 128;
        const half = (y >> 1) * (size / 2) + (x >> 1);
        blue[half]! += (0.5 / 0.886) * 0.25 * (b - luma);
        red[half]! += (0.5 / 0.701) * 0.25 * (r - luma);
      }
    }
  }

  #join(levels: Float32Array): void {
    const size = this.#size;
    const [blue, red] = this.#chroma;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const luma = this.#luma[y * size + x]! + 128;
        const b = luma + (0.886 / 0.5) * enlarged(blue, size / 2, x, y);
        const r = luma + (0.701 / 0.5) * enlarged(red, size / 2, x, y);
        const at = (y * size + x) * 3;
        levels[at] = clamp(r);
        levels[at + 1] = clamp((luma - 0.299 * r - 0.114 * b) / 0.587);
        levels[at + 2] = clamp(b);
      }
    }
  }

  /** Rounds every block of a plane to the table's steps. */
  #quantise(plane: Float32Array, size: number, table: Float32Array): void {
    const block = this.#block;
    for (let top = 0; top < size; top += 8) {
      for (let left = 0; left < size; left += 8) {
        for (let y = 0; y < 8; y++) {
          const row = (top + y) * size + left;
          for (let x = 0; x < 8; x++) block[y * 8 + x] = plane[row + x]!;
        }
        this.#transform(cosines);
        for (let i = 0; i < 64; i++) block[i] = Math.round(block[i]! / table[i]!) * table[i]!;
        this.#transform(cosinesBack);
        for (let y = 0; y < 8; y++) {
          const row = (top + y) * size + left;
          for (let x = 0; x < 8; x++) plane[row + x] = block[y * 8 + x]!;
        }
      }
    }
  }

  /** The block times a matrix, rows and then columns. */
  #transform(matrix: Float32Array): void {
    multiply(this.#block, this.#turned, matrix);
    multiply(this.#turned, this.#block, matrix);
  }
}

/** Each row of eight times every row of the matrix, written as a column. */
function multiply(from: Float32Array, to: Float32Array, matrix: Float32Array): void {
  for (let row = 0; row < 8; row++) {
    const at = row * 8;
    const a = from[at]!;
    const b = from[at + 1]!;
    const c = from[at + 2]!;
    const d = from[at + 3]!;
    const e = from[at + 4]!;
    const f = from[at + 5]!;
    const g = from[at + 6]!;
    const h = from[at + 7]!;
    for (let k = 0; k < 64; k += 8) {
      const low = a * matrix[k]! + b * matrix[k + 1]! + c * matrix[k + 2]! + d * matrix[k + 3]!;
      const high = e * matrix[k + 4]! + f * matrix[k + 5]! + g * matrix[k + 6]! + h * matrix[k + 7]!;
      to[k + row] = low + high;
    }
  }
}

/** A plane of half size at a pixel of the full one: three quarters of the nearest value, a quarter of the next. */
function enlarged(plane: Float32Array, size: number, x: number, y: number): number {
  const x0 = x >> 1;
  const y0 = y >> 1;
  const x1 = Math.max(0, Math.min(size - 1, x0 + (x & 1 ? 1 : -1)));
  const y1 = Math.max(0, Math.min(size - 1, y0 + (y & 1 ? 1 : -1)));
  const near = 0.75 * plane[y0 * size + x0]! + 0.25 * plane[y0 * size + x1]!;
  const next = 0.75 * plane[y1 * size + x0]! + 0.25 * plane[y1 * size + x1]!;
  return 0.75 * near + 0.25 * next;
}

function clamp(level: number): number {
  return level < 0 ? 0 : level > 255 ? 255 : level;
}
