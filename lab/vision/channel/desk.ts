import type { Random } from '@halftone/sdk';
import { fillField } from '../../data/signs/field.ts';
import type { LightRaster } from './pyramid.ts';

/** Edge of the desk's texture in texels, and the mm that one covers; it repeats, every second time turned over. */
const edge = 512;
const mmPerTexel = 1.6;

type Light = readonly [number, number, number];

/** Surfaces by the light of their darkest and brightest parts, and how they are grained. */
const surfaces: readonly { dark: Light; bright: Light; cells: number; layers: number; stretch: number }[] = [
  { dark: [0.16, 0.08, 0.035], bright: [0.42, 0.26, 0.13], cells: 12, layers: 6, stretch: 12 },
  { dark: [0.45, 0.33, 0.2], bright: [0.68, 0.53, 0.36], cells: 16, layers: 5, stretch: 10 },
  { dark: [0.02, 0.02, 0.022], bright: [0.08, 0.08, 0.085], cells: 48, layers: 4, stretch: 1 },
  { dark: [0.3, 0.3, 0.31], bright: [0.5, 0.5, 0.5], cells: 60, layers: 3, stretch: 1 },
  { dark: [0.7, 0.7, 0.69], bright: [0.82, 0.82, 0.8], cells: 8, layers: 3, stretch: 1 },
  { dark: [0.05, 0.08, 0.16], bright: [0.14, 0.2, 0.32], cells: 80, layers: 3, stretch: 0.5 },
];

/** What a sheet lies on, with a few things beside, in linear light. */
export function drawDesk(random: Random): LightRaster {
  const surface = surfaces[random.integer(surfaces.length)]!;
  const field = new Float32Array(edge * edge);
  const { cells, layers, stretch } = surface;
  fillField(field, edge, { cells, layers, persistence: 0.7, stretch }, random);
  const data = new Float32Array(edge * edge * 3);
  for (let i = 0; i < field.length; i++) {
    const share = Math.max(0, Math.min(1, 0.5 + 2 * (field[i]! - 0.5)));
    for (let c = 0; c < 3; c++) {
      data[i * 3 + c] = surface.dark[c]! + share * (surface.bright[c]! - surface.dark[c]!);
    }
  }
  for (let things = random.integer(5); things > 0; things--) layThing(data, random);
  return { width: edge, height: edge, pixelsPerMm: 1 / mmPerTexel, data };
}

/** A pen, a book, a cup's mat: a rectangle of one colour, squares and black ones among them. */
function layThing(data: Float32Array, random: Random): void {
  const [width, height] = [6 + random.integer(90), 5 + random.integer(75)];
  const [left, top] = [random.integer(edge), random.integer(edge)];
  const value = random.uniform() < 0.3 ? 0.02 : random.uniform(0.02, 0.8);
  const colour = [0, 1, 2].map(() => value * random.uniform(0.6, 1));
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      const at = ((y % edge) * edge + (x % edge)) * 3;
      for (let c = 0; c < 3; c++) data[at + c] = colour[c]!;
    }
  }
}
