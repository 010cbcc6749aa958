import type { Random } from '@halftone/sdk';
import { fillField, smoothStep } from './field.ts';

/**
 * What years do to a plate: it fades, gathers dirt and is scratched. Works on a warped drawing, [size, size, 4],
 * light multiplied by opacity. One for a thread: it keeps its scratch memory.
 */
export class Wear {
  readonly #size: number;
  readonly #field: Float32Array;

  constructor(size: number) {
    this.#size = size;
    this.#field = new Float32Array(size * size);
  }

  apply(layer: Float32Array, random: Random): void {
    if (random.uniform() < 0.6) fade(layer, random.uniform(0, 0.35), random.uniform(0.35, 0.8));
    if (random.uniform() < 0.4) this.#soil(layer, random);
    if (random.uniform() < 0.35) {
      for (let scratches = 1 + random.integer(4); scratches > 0; scratches--) this.#scratch(layer, random);
    }
  }

  /** Patches of dirt, or of rust, where noise is high. */
  #soil(layer: Float32Array, random: Random): void {
    const grain = { cells: 2 + random.integer(6), layers: 3, persistence: 0.7 };
    fillField(this.#field, this.#size, grain, random);
    const [start, most] = [random.uniform(0.45, 0.65), random.uniform(0.3, 0.85)];
    const dark = random.uniform(0.02, 0.15);
    const dirt = [
      dark * random.uniform(1, 1.8),
      dark * random.uniform(0.9, 1.2),
      dark * random.uniform(0.4, 1),
    ];
    for (let i = 0; i < this.#field.length; i++) {
      const cover = most * smoothStep(start, start + 0.2, this.#field[i]!);
      if (cover > 0) blend(layer, i * 4, dirt, cover);
    }
  }

  /** A straight scratch through to paler or darker material. */
  #scratch(layer: Float32Array, random: Random): void {
    const size = this.#size;
    const [x, y] = [random.uniform(0.15, 0.85) * size, random.uniform(0.15, 0.85) * size];
    const angle = random.uniform(0, Math.PI);
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    const reach = (random.uniform(0.05, 0.35) * size) / 2;
    const width = random.uniform(0.004, 0.014) * size;
    const value = random.uniform(0.05, 0.7);
    const metal = [value, value, value];
    const box = Math.ceil(reach + width + 1);
    for (let py = Math.max(0, Math.floor(y - box)); py < Math.min(size, y + box); py++) {
      for (let px = Math.max(0, Math.floor(x - box)); px < Math.min(size, x + box); px++) {
        const [rx, ry] = [px + 0.5 - x, py + 0.5 - y];
        const beyond = Math.max(0, Math.abs(rx * dx + ry * dy) - reach);
        const beside = Math.hypot(rx * dy - ry * dx, beyond);
        const cover = Math.max(0, Math.min(1, width + 0.5 - beside));
        if (cover > 0) blend(layer, (py * size + px) * 4, metal, 0.8 * cover);
      }
    }
  }
}

/** Takes a share of the colour away: towards its own grey, and half of that towards a pale one. */
function fade(layer: Float32Array, share: number, pale: number): void {
  for (let i = 0; i < layer.length; i += 4) {
    const opacity = layer[i + 3]!;
    if (opacity === 0) continue;
    const grey = 0.2126 * layer[i]! + 0.7152 * layer[i + 1]! + 0.0722 * layer[i + 2]!;
    const target = 0.5 * grey + 0.5 * pale * opacity;
    for (let c = i; c < i + 3; c++) layer[c] = layer[c]! + share * (target - layer[c]!);
  }
}

/** Lays a colour on one place of the plate, as far as the plate is there. */
function blend(layer: Float32Array, at: number, colour: readonly number[], cover: number): void {
  const opacity = layer[at + 3]!;
  for (let c = 0; c < 3; c++) layer[at + c] = layer[at + c]! * (1 - cover) + cover * opacity * colour[c]!;
}
