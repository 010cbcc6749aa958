import { type Random, seeded } from '@halftone/sdk';

/** Uniform values drawn once: a lattice is a piece of them, since fine ones have more points than time allows. */
const tableMask = 2 ** 16 - 1;
const table = ((): Float32Array => {
  const random = seeded('lattices of noise');
  return Float32Array.from({ length: tableMask + 1 }, () => random.uniform());
})();

/** What a field of noise looks like. */
export interface Grain {
  /** Cells across the image of the coarsest layer: the size of its blotches. */
  readonly cells: number;
  /** Layers, each with cells of half the size. */
  readonly layers: number;
  /** Weight of a layer over that of the one before. */
  readonly persistence: number;
  /** Width of the blotches over their height; 1 by default. */
  readonly stretch?: number;
}

/**
 * Value noise at several scales: `field` is [size, size] and gets values in [0, 1] about 0.5. Each layer is a
 * lattice of random values at a random place, smoothly interpolated.
 */
export function fillField(field: Float32Array, size: number, grain: Grain, random: Random): void {
  field.fill(0);
  let weight = 1;
  let sum = 0;
  for (let layer = 0; layer < grain.layers; layer++) {
    const cells = grain.cells * 2 ** layer;
    if (cells > size / 2) break;
    addLayer(field, size, cells / (grain.stretch ?? 1), cells, weight, random);
    sum += weight;
    weight *= grain.persistence;
  }
  for (let i = 0; i < field.length; i++) field[i] = field[i]! / sum;
}

function addLayer(
  field: Float32Array,
  size: number,
  cellsX: number,
  cellsY: number,
  weight: number,
  random: Random,
): void {
  const columns = Math.ceil(cellsX) + 2;
  const lattice = new Float32Array(columns * (Math.ceil(cellsY) + 2));
  const start = random.bits();
  for (let i = 0; i < lattice.length; i++) lattice[i] = weight * table[(start + i) & tableMask]!;
  const across = placesAlong(size, cellsX, random.uniform());
  const down = placesAlong(size, cellsY, random.uniform());
  const line = new Float32Array(columns);
  for (let y = 0, i = 0; y < size; y++) {
    const row = down.cell[y]! * columns;
    const fv = down.share[y]!;
    for (let c = 0; c < columns; c++) {
      const above = lattice[row + c]!;
      line[c] = above + fv * (lattice[row + columns + c]! - above);
    }
    for (let x = 0; x < size; x++, i++) {
      const left = line[across.cell[x]!]!;
      field[i] = field[i]! + left + across.share[x]! * (line[across.cell[x]! + 1]! - left);
    }
  }
}

/** For each pixel along one side the lattice's cell that it is in and the share of the cell's far end. */
function placesAlong(size: number, cells: number, phase: number): { cell: Int32Array; share: Float32Array } {
  const cell = new Int32Array(size);
  const share = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const place = phase + (i * cells) / size;
    cell[i] = Math.floor(place);
    share[i] = smooth(place - Math.floor(place));
  }
  return { cell, share };
}

/** From 0 to 1 with level ends. */
export function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** `smooth` between two bounds, 0 below and 1 above. */
export function smoothStep(low: number, high: number, value: number): number {
  return smooth(Math.max(0, Math.min(1, (value - low) / (high - low))));
}
