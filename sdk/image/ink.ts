import type { Operation } from './operation.ts';
import { lightOf } from './srgb.ts';

/** Light that a surface sends back of red, green and blue, each in [0, 1]. */
export type Reflectance = readonly [red: number, green: number, blue: number];

/** How a printer lays ink. */
export interface InkSettings {
  /**
   * How much more is covered than its driver counts on where half is asked for: 0.1 turns 50% into 60%. A driver
   * that knows its printer leaves 0.
   */
  readonly dotGain: number;
  readonly paper: Reflectance;
  /** Solid inks and their overprints: where the gamut ends. */
  readonly inks: {
    readonly cyan: Reflectance;
    readonly magenta: Reflectance;
    readonly yellow: Reflectance;
    readonly red: Reflectance;
    readonly green: Reflectance;
    readonly blue: Reflectance;
    readonly black: Reflectance;
  };
}

/** Nodes of the table along each colour; they lie evenly in sRGB values. */
const nodes = 25;
const tables = new WeakMap<InkSettings, Float32Array>();

/**
 * What comes out of a printer for each sRGB colour, [nodes, nodes, nodes, 3] with red outermost: the driver seeks
 * the ink that reproduces the colour between the paper's white and the inks' black, as near as the gamut allows;
 * then the dots gain.
 */
function tableOf(settings: InkSettings): Float32Array {
  const known = tables.get(settings);
  if (known !== undefined) return known;
  const table = new Float32Array(nodes ** 3 * 3);
  for (let node = 0; node < nodes ** 3; node++) {
    const rgb = [Math.floor(node / nodes ** 2), Math.floor(node / nodes) % nodes, node % nodes];
    const [r, g, b] = rgb.map((place) => place / (nodes - 1)) as [number, number, number];
    table.set(printedColour([r, g, b], settings), node * 3);
  }
  tables.set(settings, table);
  return table;
}

/** The light that a colour comes out with, from sRGB values in [0, 1]: one node of the table. */
export function printedColour(rgb: readonly [number, number, number], settings: InkSettings): Reflectance {
  const primaries = primariesOf(settings);
  const { paper, inks } = settings;
  const light = rgb.map(lightOf);
  const wanted = Float64Array.from(light, (one, k) => inks.black[k]! + one * (paper[k]! - inks.black[k]!));
  const share = Float64Array.from(light, (one) => 1 - one);
  separate(primaries, wanted, share);
  for (let ink = 0; ink < 3; ink++) share[ink] = grown(share[ink]!, settings.dotGain);
  const out = new Float64Array(3);
  mixInks(primaries, share, out);
  return [out[0]!, out[1]!, out[2]!];
}

/** Neugebauer's primaries, three values each; bit 0 of their number is cyan, bit 1 magenta, bit 2 yellow. */
function primariesOf({ paper, inks }: InkSettings): Float64Array {
  const { cyan, magenta, yellow, red, green, blue, black } = inks;
  return Float64Array.from([paper, cyan, magenta, blue, yellow, green, red, black].flat());
}

function grown(share: number, dotGain: number): number {
  return share + 4 * dotGain * share * (1 - share);
}

/**
 * What inks that cover these shares send back: overprints share the area as chance has it. Demichel (1924),
 * Neugebauer (1937). `slopes`, where given, gets the derivatives by cyan, magenta and yellow, three values each.
 */
function mixInks(p: Float64Array, share: Float64Array, out: Float64Array, slopes?: Float64Array): void {
  out.fill(0);
  slopes?.fill(0);
  for (let primary = 0; primary < 8; primary++) {
    const factors = [0, 1, 2].map((ink) => (primary & (1 << ink) ? share[ink]! : 1 - share[ink]!));
    const [c, m, y] = factors as [number, number, number];
    const others = [m * y, c * y, c * m];
    for (let k = 0; k < 3; k++) {
      const light = p[primary * 3 + k]!;
      out[k]! += c * m * y * light;
      if (slopes === undefined) continue;
      for (let ink = 0; ink < 3; ink++) {
        slopes[ink * 3 + k]! += (primary & (1 << ink) ? 1 : -1) * others[ink]! * light;
      }
    }
  }
}

/** Changes the inks' shares until they give a light, or as near to it as shares in [0, 1] come: Gauss and Newton, damped. */
function separate(p: Float64Array, wanted: Float64Array, share: Float64Array): void {
  const out = new Float64Array(3);
  const slopes = new Float64Array(9);
  for (let iteration = 0; iteration < 25; iteration++) {
    mixInks(p, share, out, slopes);
    // Errors count by the eye's measure, nearly: in square roots of light.
    const weight = [0, 1, 2].map((k) => 1 / (wanted[k]! + 0.01));
    let moved = 0;
    // One ink after the other: its best share with the others as they are.
    for (let ink = 0; ink < 3; ink++) {
      let [up, down] = [0, 1e-9];
      for (let k = 0; k < 3; k++) {
        const slope = slopes[ink * 3 + k]!;
        up += weight[k]! * slope * (wanted[k]! - out[k]!);
        down += weight[k]! * slope * slope;
      }
      const before = share[ink]!;
      share[ink] = Math.min(1, Math.max(0, before + up / down));
      const change = share[ink]! - before;
      moved += Math.abs(change);
      for (let k = 0; k < 3; k++) out[k]! += change * slopes[ink * 3 + k]!;
    }
    if (moved < 1e-5) return;
  }
}

/** A colour's place in the table: the node below, and how far it is towards the next. */
function cellOf(value: number): number {
  const place = value <= 0 ? 0 : value >= 1 ? nodes - 1 : value * (nodes - 1);
  return Math.min(nodes - 2, Math.floor(place));
}

/**
 * From sRGB values, as sent to a printer, to the light that paper and ink send back. `data`, [pixels, 3], in place.
 */
export function printInk(data: Float32Array, settings: InkSettings): void {
  const table = tableOf(settings);
  const [row, plane] = [nodes * 3, nodes * nodes * 3];
  for (let at = 0; at < data.length; at += 3) {
    const r = cellOf(data[at]!);
    const g = cellOf(data[at + 1]!);
    const b = cellOf(data[at + 2]!);
    const fr = placeIn(data[at]!, r);
    const fg = placeIn(data[at + 1]!, g);
    const fb = placeIn(data[at + 2]!, b);
    const base = r * plane + g * row + b * 3;
    for (let k = 0; k < 3; k++) {
      const i = base + k;
      const a = between(table[i]!, table[i + 3]!, fb);
      const c = between(table[i + row]!, table[i + row + 3]!, fb);
      const d = between(table[i + plane]!, table[i + plane + 3]!, fb);
      const e = between(table[i + plane + row]!, table[i + plane + row + 3]!, fb);
      data[at + k] = between(between(a, c, fg), between(d, e, fg), fr);
    }
  }
}

/** How far a value is in its cell, 0 to 1; beyond [0, 1] as at the ends. */
function placeIn(value: number, cell: number): number {
  const place = value * (nodes - 1) - cell;
  return place <= 0 ? 0 : place >= 1 ? 1 : place;
}

function between(from: number, to: number, share: number): number {
  return from + share * (to - from);
}

/** `printInk` as an operation. */
export function inkOf(settings: InkSettings): Operation {
  return (input) => {
    const values = input.slice();
    printInk(values, settings);
    return { values, pullback: (cotangent) => inkBack(input, cotangent, tableOf(settings)) };
  };
}

function inkBack(input: Float32Array, cotangent: Float32Array, table: Float32Array): Float32Array {
  const back = new Float32Array(input.length);
  const steps = [nodes * nodes * 3, nodes * 3, 3];
  for (let at = 0; at < input.length; at += 3) {
    const cells = [0, 1, 2].map((c) => cellOf(input[at + c]!));
    const shares = cells.map((cell, c) => placeIn(input[at + c]!, cell));
    const base = cells.reduce((sum, cell, c) => sum + cell * steps[c]!, 0);
    for (let corner = 0; corner < 8; corner++) {
      const high = [0, 1, 2].map((c) => (corner >> c) & 1);
      const node = base + high.reduce((sum, one, c) => sum + one * steps[c]!, 0);
      let pulled = 0;
      for (let k = 0; k < 3; k++) pulled += table[node + k]! * cotangent[at + k]!;
      const factors = high.map((one, c) => (one ? shares[c]! : 1 - shares[c]!));
      for (let c = 0; c < 3; c++) {
        const value = input[at + c]!;
        if (value < 0 || value > 1) continue;
        const others = factors[(c + 1) % 3]! * factors[(c + 2) % 3]!;
        back[at + c]! += (high[c] ? 1 : -1) * others * pulled * (nodes - 1);
      }
    }
  }
  return back;
}
