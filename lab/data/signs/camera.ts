import { type Random, seeded } from '@halftone/sdk';
import { levelOf } from './colour.ts';

/** Normal noise drawn once: a fresh draw for every pixel would cost more than all the rest of a sample. */
const noiseMask = 2 ** 16 - 1;
const noise = ((): Float32Array => {
  const random = seeded('sensor noise');
  return Float32Array.from({ length: noiseMask + 1 }, () => random.normal());
})();

/** A small kernel: where it takes from, in pixels, and how much. */
interface Tap {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/** Pixels that blur may reach beyond the image's edge. */
const margin = 5;

/** What lens and sensor do to light. One for a thread: it keeps its scratch memory. */
export class Camera {
  readonly #size: number;
  readonly #padded: Float32Array;

  constructor(size: number) {
    this.#size = size;
    this.#padded = new Float32Array((size + 2 * margin) ** 2 * 3);
  }

  /** Blurs `image`, [size, size, 3], linear light, and writes what the sensor reads to `levels`, sRGB, 0 to 255. */
  take(image: Float32Array, levels: Float32Array, random: Random): void {
    // Lengths go with the image's size: the same picture at any resolution.
    const unit = this.#size / 64;
    if (random.uniform() < 0.75) this.#defocus(image, unit * random.uniform(0.25, 0.95));
    if (random.uniform() < 0.25) {
      this.#move(image, unit * random.uniform(1, 3.5), random.uniform(0, Math.PI));
    }
    this.#read(image, levels, random);
  }

  /** A Gaussian blur of seven taps, along rows and then along columns. `sigma` in pixels. */
  #defocus(image: Float32Array, sigma: number): void {
    const weights = [0, 1, 2, 3].map((offset) => Math.exp(-0.5 * (offset / sigma) ** 2));
    const sum = 2 * weights.reduce((total, weight) => total + weight, 0) - 1;
    const [a, b, c, d] = weights.map((weight) => weight / sum) as [number, number, number, number];
    const size = this.#size;
    const row = (size + 2 * margin) * 3;
    for (const step of [3, row]) {
      const p = this.#pad(image);
      for (let y = 0; y < size; y++) {
        const first = (y + margin) * row + margin * 3;
        for (let x = 0; x < size * 3; x++) {
          const i = first + x;
          const near = a * p[i]! + b * (p[i - step]! + p[i + step]!);
          const far = c * (p[i - 2 * step]! + p[i + 2 * step]!) + d * (p[i - 3 * step]! + p[i + 3 * step]!);
          image[y * size * 3 + x] = near + far;
        }
      }
    }
  }

  /** The mean along a line of so many pixels. */
  #move(image: Float32Array, length: number, angle: number): void {
    const steps = Math.ceil(length) + 1;
    const taps = new Map<string, Tap>();
    const add = (x: number, y: number, weight: number): void => {
      if (weight === 0) return;
      const key = `${x} ${y}`;
      taps.set(key, { x, y, weight: (taps.get(key)?.weight ?? 0) + weight / steps });
    };
    for (let step = 0; step < steps; step++) {
      const along = length * (step / (steps - 1) - 0.5);
      const [x, y] = [along * Math.cos(angle), along * Math.sin(angle)];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [fx, fy] = [x - left, y - top];
      add(left, top, (1 - fx) * (1 - fy));
      add(left + 1, top, fx * (1 - fy));
      add(left, top + 1, (1 - fx) * fy);
      add(left + 1, top + 1, fx * fy);
    }
    this.#convolve(image, [...taps.values()]);
  }

  /** Replaces the image by its weighted sums. Beyond its edges it goes on as its outermost pixels. */
  #convolve(image: Float32Array, taps: readonly Tap[]): void {
    const size = this.#size;
    const padded = this.#pad(image);
    const row = (size + 2 * margin) * 3;
    const offsets = Int32Array.from(taps, ({ x, y }) => (y + margin) * row + (x + margin) * 3);
    const weights = Float64Array.from(taps, ({ weight }) => weight);
    const count = taps.length;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size * 3; x++) {
        const at = y * row + x;
        let sum = 0;
        for (let tap = 0; tap < count; tap++) sum += weights[tap]! * padded[at + offsets[tap]!]!;
        image[y * size * 3 + x] = sum;
      }
    }
  }

  #pad(image: Float32Array): Float32Array {
    const size = this.#size;
    const padded = this.#padded;
    const row = (size + 2 * margin) * 3;
    for (let y = 0; y < size + 2 * margin; y++) {
      const from = Math.max(0, Math.min(size - 1, y - margin)) * size * 3;
      const to = y * row;
      for (let i = 0; i < size * 3; i++) padded[to + margin * 3 + i] = image[from + i]!;
      for (let i = 0; i < margin * 3; i++) {
        padded[to + i] = image[from + (i % 3)]!;
        padded[to + (margin + size) * 3 + i] = image[from + (size - 1) * 3 + (i % 3)]!;
      }
    }
    return padded;
  }

  /** Noise that grows with the light, on top of the sensor's own; then the curve of sRGB. */
  #read(image: Float32Array, levels: Float32Array, random: Random): void {
    const row = this.#size * 3;
    const strength = random.uniform() ** 2;
    const [own, shot] = [0.012 * strength, 0.06 * strength];
    for (let y = 0; y < this.#size; y++) {
      const start = random.bits();
      for (let x = 0; x < row; x++) {
        const light = image[y * row + x]!;
        const deviation = own + shot * Math.sqrt(light * 0.3);
        levels[y * row + x] = levelOf(light + deviation * noise[(start + x) & noiseMask]!);
      }
    }
  }
}
