import type { Random } from '@halftone/sdk';
import { fillField, smoothStep } from './field.ts';

/**
 * Light on the scene, and what a print on paper makes of it. Works on [size, size, 3], linear light. One for a
 * thread: it keeps its scratch memory.
 */
export class Lighting {
  readonly #size: number;
  readonly #shade: Float32Array;

  constructor(size: number) {
    this.#size = size;
    this.#shade = new Float32Array(size * size);
  }

  apply(image: Float32Array, random: Random): void {
    const shade = this.#shade;
    shade.fill(1);
    const kind = random.uniform();
    if (kind < 0.2) this.#edgeShadow(random);
    else if (kind < 0.35) this.#leafShadow(random);
    this.#gradient(random);
    const gain = 2 ** random.normal(0, 0.4);
    // A print's black reflects a little, and its white is the paper's.
    const veil = random.uniform() < 0.7 ? random.uniform(0, 0.07) : random.uniform(0.07, 0.2);
    const cast = [0, 1, 2].map(() => gain * 2 ** random.normal(0, 0.12));
    for (let i = 0; i < shade.length; i++) {
      for (let c = 0; c < 3; c++) {
        const at = i * 3 + c;
        image[at] = shade[i]! * cast[c]! * (veil * 0.8 + (1 - veil) * image[at]!);
      }
    }
    if (random.uniform() < 0.12) this.#glare(image, random);
  }

  /** The shadow of something with a straight edge. */
  #edgeShadow(random: Random): void {
    const size = this.#size;
    const angle = random.uniform(0, 2 * Math.PI);
    const [nx, ny] = [Math.cos(angle) / size, Math.sin(angle) / size];
    const [edge, softness] = [random.uniform(-0.3, 0.3), random.uniform(0.01, 0.1)];
    const depth = random.uniform(0.25, 0.7);
    for (let i = 0; i < this.#shade.length; i++) {
      const side = nx * ((i % size) - size / 2) + ny * (Math.floor(i / size) - size / 2);
      this.#shade[i] = 1 - depth * smoothStep(-softness, softness, side - edge);
    }
  }

  /** The broken shadow of leaves and branches. */
  #leafShadow(random: Random): void {
    fillField(this.#shade, this.#size, { cells: 3 + random.integer(5), layers: 2, persistence: 0.6 }, random);
    const [edge, softness] = [random.uniform(0.4, 0.6), random.uniform(0.03, 0.15)];
    const depth = random.uniform(0.2, 0.55);
    for (let i = 0; i < this.#shade.length; i++) {
      this.#shade[i] = 1 - depth * smoothStep(edge - softness, edge + softness, this.#shade[i]!);
    }
  }

  /** More light from one side, and a lens that is darker in its corners. */
  #gradient(random: Random): void {
    const size = this.#size;
    const [gx, gy] = [random.normal(0, 0.25) / size, random.normal(0, 0.25) / size];
    const vignette = (random.uniform(0, 0.35) * 2) / (size * size);
    for (let i = 0; i < this.#shade.length; i++) {
      const x = (i % size) - size / 2;
      const y = Math.floor(i / size) - size / 2;
      const light = Math.max(0.3, 1 + gx * x + gy * y - vignette * (x * x + y * y));
      this.#shade[i] = this.#shade[i]! * light;
    }
  }

  /** A lamp or the sky that mirrors in the plate. */
  #glare(image: Float32Array, random: Random): void {
    const size = this.#size;
    const [cx, cy] = [random.uniform(0.1, 0.9) * size, random.uniform(0.1, 0.9) * size];
    const [wide, high] = [random.uniform(0.08, 0.3) * size, random.uniform(0.08, 0.3) * size];
    const strength = random.uniform(0.1, 0.5);
    for (let i = 0; i < image.length; i += 3) {
      const x = ((i / 3) % size) - cx;
      const y = Math.floor(i / 3 / size) - cy;
      const light = strength * Math.exp(-0.5 * ((x / wide) ** 2 + (y / high) ** 2));
      for (let c = i; c < i + 3; c++) image[c] = image[c]! + light;
    }
  }
}
