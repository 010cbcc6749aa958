import type { Operation } from './operation.ts';

/** Light that a surface sends back of red, green and blue, each in [0, 1]. */
export type Reflectance = readonly [red: number, green: number, blue: number];

/** How a printer lays ink. */
export interface InkSettings {
  /** How much more than asked for is covered where half is asked for: 0.1 turns 50% into 60%. */
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

/** Neugebauer's primaries, three values each; bit 0 of their number is cyan, bit 1 magenta, bit 2 yellow. */
function primariesOf({ paper, inks }: InkSettings): Float64Array {
  const { cyan, magenta, yellow, red, green, blue, black } = inks;
  return Float64Array.from([paper, cyan, magenta, blue, yellow, green, red, black].flat());
}

/** Covered share of the paper for a wanted one; beyond [0, 1] as at the ends. */
export function covered(wanted: number, dotGain: number): number {
  const share = wanted <= 0 ? 0 : wanted >= 1 ? 1 : wanted;
  return share + 4 * dotGain * share * (1 - share);
}

/**
 * What paper sends back where a colour of this linear light was asked for: each ink covers what its complement
 * lacks, grown by the dots' gain, and the overprints share the area as chance has it. Demichel (1924), Neugebauer
 * (1937). `data`, [pixels, 3], is replaced in place.
 */
export function printInk(data: Float32Array, settings: InkSettings): void {
  const p = primariesOf(settings);
  for (let at = 0; at < data.length; at += 3) {
    const c = covered(1 - data[at]!, settings.dotGain);
    const m = covered(1 - data[at + 1]!, settings.dotGain);
    const y = covered(1 - data[at + 2]!, settings.dotGain);
    for (let k = 0; k < 3; k++) {
      const low = mixed(p[k]!, p[3 + k]!, p[6 + k]!, p[9 + k]!, c, m);
      const high = mixed(p[12 + k]!, p[15 + k]!, p[18 + k]!, p[21 + k]!, c, m);
      data[at + k] = low + y * (high - low);
    }
  }
}

/** Bilinear: without either, with the first, with the second, with both. */
function mixed(none: number, first: number, second: number, both: number, c: number, m: number): number {
  const low = none + c * (first - none);
  return low + m * (second + c * (both - second) - low);
}

/** `printInk` as an operation on pictures of linear light. */
export function inkOf(settings: InkSettings): Operation {
  return (input) => {
    const values = input.slice();
    printInk(values, settings);
    return { values, pullback: (cotangent) => inkBack(input, cotangent, settings) };
  };
}

function inkBack(input: Float32Array, cotangent: Float32Array, settings: InkSettings): Float32Array {
  const p = primariesOf(settings);
  const back = new Float32Array(input.length);
  const share = new Float64Array(3);
  const slope = new Float64Array(3);
  for (let at = 0; at < input.length; at += 3) {
    for (let ink = 0; ink < 3; ink++) {
      const wanted = 1 - input[at + ink]!;
      share[ink] = covered(wanted, settings.dotGain);
      slope[ink] = wanted <= 0 || wanted >= 1 ? 0 : -(1 + 4 * settings.dotGain * (1 - 2 * wanted));
    }
    for (let ink = 0; ink < 3; ink++) {
      const bit = 1 << ink;
      let sum = 0;
      for (let primary = 0; primary < 8; primary++) {
        const weight = (primary & bit ? 1 : -1) * weightOfOthers(primary, ink, share);
        for (let k = 0; k < 3; k++) sum += weight * p[primary * 3 + k]! * cotangent[at + k]!;
      }
      back[at + ink] = sum * slope[ink]!;
    }
  }
  return back;
}

/** The share of a primary's area, but for one ink's factor. */
function weightOfOthers(primary: number, ink: number, share: Float64Array): number {
  let weight = 1;
  for (let other = 0; other < 3; other++) {
    if (other !== ink) weight *= primary & (1 << other) ? share[other]! : 1 - share[other]!;
  }
  return weight;
}
