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

/** A plane of values, its sides filled up to whole blocks. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

function blankPlane(width: number, height: number): Plane {
  const [across, down] = [blocksFor(width) * 8, blocksFor(height) * 8];
  return { width: across, height: down, values: new Float32Array(across * down) };
}

function blocksFor(side: number): number {
  return Math.ceil(side / 8);
}

/** One for a thread: it keeps its scratch memory. */
export class Jpeg {
  readonly #width: number;
  readonly #height: number;
  readonly #luma: Plane;
  readonly #chroma: readonly [Plane, Plane];
  readonly #block = new Float32Array(64);
  readonly #turned = new Float32Array(64);

  /** For images of this size, in pixels. */
  constructor(width: number, height: number = width) {
    this.#width = width;
    this.#height = height;
    const [across, down] = [Math.ceil(width / 2), Math.ceil(height / 2)];
    this.#luma = blankPlane(width, height);
    this.#chroma = [blankPlane(across, down), blankPlane(across, down)];
  }

  /** Replaces `levels`, [height, width, 3] in 0 to 255, by what a JPEG of a quality of 1 to 100 keeps. */
  apply(levels: Float32Array, quality: number): void {
    this.#split(levels);
    this.#quantise(this.#luma, scaled(lumaTable, quality));
    const table = scaled(chromaTable, quality);
    for (const plane of this.#chroma) this.#quantise(plane, table);
    this.#join(levels);
  }

  /** The same of a grey image, [height, width]. */
  applyGrey(levels: Float32Array, quality: number): void {
    const { width, height, values } = this.#luma;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) values[y * width + x] = levels[this.#pixel(x, y)]! - 128;
    }
    this.#quantise(this.#luma, scaled(lumaTable, quality));
    for (let y = 0; y < this.#height; y++) {
      for (let x = 0; x < this.#width; x++) {
        levels[y * this.#width + x] = clamp(values[y * width + x]! + 128);
      }
    }
  }

  /** Index of a pixel; beyond the edge, of the pixel at the edge, as encoders fill up their blocks. */
  #pixel(x: number, y: number): number {
    return Math.min(y, this.#height - 1) * this.#width + Math.min(x, this.#width - 1);
  }

  #split(levels: Float32Array): void {
    const luma = this.#luma;
    const [blue, red] = this.#chroma;
    blue.values.fill(0);
    red.values.fill(0);
    for (let y = 0; y < 2 * blue.height; y++) {
      for (let x = 0; x < 2 * blue.width; x++) {
        const at = this.#pixel(x, y) * 3;
        const r = levels[at]!;
        const b = levels[at + 2]!;
        const light = 0.299 * r + 0.587 * levels[at + 1]! + 0.114 * b;
        if (x < luma.width && y < luma.height) luma.values[y * luma.width + x] = light - 128;
        const half = (y >> 1) * blue.width + (x >> 1);
        blue.values[half]! += (0.5 / 0.886) * 0.25 * (b - light);
        red.values[half]! += (0.5 / 0.701) * 0.25 * (r - light);
      }
    }
  }

  #join(levels: Float32Array): void {
    const { width, values } = this.#luma;
    const [blue, red] = this.#chroma;
    for (let y = 0; y < this.#height; y++) {
      for (let x = 0; x < this.#width; x++) {
        const luma = values[y * width + x]! + 128;
        const b = luma + (0.886 / 0.5) * enlarged(blue, x, y);
        const r = luma + (0.701 / 0.5) * enlarged(red, x, y);
        const at = (y * this.#width + x) * 3;
        levels[at] = clamp(r);
        levels[at + 1] = clamp((luma - 0.299 * r - 0.114 * b) / 0.587);
        levels[at + 2] = clamp(b);
      }
    }
  }

  /** Rounds every block of a plane to the table's steps. */
  #quantise({ width, height, values }: Plane, table: Float32Array): void {
    const block = this.#block;
    for (let top = 0; top < height; top += 8) {
      for (let left = 0; left < width; left += 8) {
        for (let y = 0; y < 8; y++) {
          const row = (top + y) * width + left;
          for (let x = 0; x < 8; x++) block[y * 8 + x] = values[row + x]!;
        }
        this.#transform(cosines);
        for (let i = 0; i < 64; i++) block[i] = Math.round(block[i]! / table[i]!) * table[i]!;
        this.#transform(cosinesBack);
        for (let y = 0; y < 8; y++) {
          const row = (top + y) * width + left;
          for (let x = 0; x < 8; x++) values[row + x] = block[y * 8 + x]!;
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
function enlarged({ width, height, values }: Plane, x: number, y: number): number {
  const x0 = x >> 1;
  const y0 = y >> 1;
  const x1 = Math.max(0, Math.min(width - 1, x0 + (x & 1 ? 1 : -1)));
  const y1 = Math.max(0, Math.min(height - 1, y0 + (y & 1 ? 1 : -1)));
  const near = 0.75 * values[y0 * width + x0]! + 0.25 * values[y0 * width + x1]!;
  const next = 0.75 * values[y1 * width + x0]! + 0.25 * values[y1 * width + x1]!;
  return 0.75 * near + 0.25 * next;
}

function clamp(level: number): number {
  return level < 0 ? 0 : level > 255 ? 255 : level;
}
