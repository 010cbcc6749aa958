import { DICTIONARY_SIZE, MARKER_BITS, MARKER_CELLS, markerCells } from '../sheet/dictionary.ts';
import type { Light } from './light.ts';
import { homographyOf, type Point, project, rectangleCorners } from './plane.ts';

const bits = MARKER_BITS * MARKER_BITS;
/** Blur that marks are compared under, in cells: what a cell keeps of its own falls from all to a fifth. */
const blurs = [0.15, 0.5, 0.85] as const;

/** How the cells of marks look under blur: for each mark and blur, values of mean 0 and length 1. */
export interface Patterns {
  readonly ids: readonly number[];
  /** [ids][blurs][25], as the mark stands upright. */
  readonly upright: Float32Array;
}

/** What a place in a picture reads as. */
export interface Reading {
  readonly id: number;
  /** Quarter turns clockwise: the mark's upper left corner is corner `turn` of the place. */
  readonly turn: number;
  /** Correlation with the mark's cells, −1 to 1. */
  readonly score: number;
  /** How much less the next best mark correlates. */
  readonly lead: number;
}

let whole: Patterns | undefined;

/** The patterns of the whole dictionary, made once. */
export function allPatterns(): Patterns {
  whole ??= makePatterns(Array.from({ length: DICTIONARY_SIZE }, (_, id) => id));
  return whole;
}

/** The patterns of some marks of the dictionary. */
export function patternsOf(ids: readonly number[]): Patterns {
  const { upright: all } = allPatterns();
  const size = blurs.length * bits;
  const upright = new Float32Array(ids.length * size);
  ids.forEach((id, i) => {
    upright.set(all.subarray(id * size, (id + 1) * size), i * size);
  });
  return { ids, upright };
}

function makePatterns(ids: readonly number[]): Patterns {
  const upright = new Float32Array(ids.length * blurs.length * bits);
  const weights = blurs.map((blur) => shares(MARKER_CELLS + 2, blur));
  ids.forEach((id, i) => {
    weights.forEach((share, b) => {
      upright.set(blurredCells(id, share), (i * blurs.length + b) * bits);
    });
  });
  return { ids, upright };
}

/** A mark's inner cells, blurred together with its border and the white round it: along rows, then along columns. */
function blurredCells(id: number, share: Float64Array): Float32Array {
  const edge = MARKER_CELLS + 2;
  const cells = markerCells(id);
  const rows = new Float64Array(edge * MARKER_BITS);
  for (let row = 0; row < edge; row++) {
    for (let from = 0; from < edge; from++) {
      const isOutside = Math.min(row, from) === 0 || Math.max(row, from) === edge - 1;
      const light = isOutside ? 1 : cells[(row - 1) * MARKER_CELLS + from - 1]!;
      if (light === 0) continue;
      for (let column = 0; column < MARKER_BITS; column++) {
        rows[row * MARKER_BITS + column]! += share[Math.abs(from - column - 2)]!;
      }
    }
  }
  const values = new Float32Array(bits);
  for (let row = 0; row < MARKER_BITS; row++) {
    for (let from = 0; from < edge; from++) {
      const weight = share[Math.abs(from - row - 2)]!;
      for (let column = 0; column < MARKER_BITS; column++) {
        values[row * MARKER_BITS + column]! += weight * rows[from * MARKER_BITS + column]!;
      }
    }
  }
  return normalise(values);
}

/** What the middle of a cell gets of cells 0, 1, 2, … away, under a Gaussian blur. */
function shares(count: number, blur: number): Float64Array {
  const steps = 40;
  const raw = Float64Array.from({ length: count }, (_, away) => {
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += Math.exp(-0.5 * ((away - 0.5 + (i + 0.5) / steps) / blur) ** 2);
    return sum;
  });
  const total = raw[0]! + 2 * raw.subarray(1).reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}

/** Mean 0, length 1, in place; all zero where the values don't differ. */
function normalise(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  const scale = length > 1e-6 ? 1 / length : 0;
  values.forEach((value, i) => {
    values[i] = (value - mean) * scale;
  });
  return values;
}

/** Where in a cell light is taken, in cells: its rim is left to its neighbours. */
const taps = [0.25, 0.5, 0.75] as const;

/**
 * The cells inside a mark's border as a picture has them, with mean 0 and length 1. `corners` are those of the black
 * square, clockwise. Undefined where they are in no general position.
 */
export function readCells(light: Light, corners: readonly Point[]): Float32Array | undefined {
  const toPicture = homographyOf(rectangleCorners(0, 0, MARKER_CELLS, MARKER_CELLS), corners);
  if (toPicture === undefined) return undefined;
  const values = new Float32Array(bits);
  for (let row = 0; row < MARKER_BITS; row++) {
    for (let column = 0; column < MARKER_BITS; column++) {
      let sum = 0;
      for (const dy of taps) {
        for (const dx of taps) {
          const { x, y } = project(toPicture, column + 1 + dx, row + 1 + dy);
          sum += light(x, y);
        }
      }
      values[row * MARKER_BITS + column] = sum;
    }
  }
  return normalise(values);
}

/** The mark that cells look like most, however they are turned, or in the one turn that is given. */
export function identify(cells: Float32Array, patterns: Patterns, turn?: number): Reading {
  let best = { id: -1, turn: 0, score: -1 };
  let second = -1;
  for (const quarter of turn === undefined ? [0, 1, 2, 3] : [turn]) {
    const upright = turnedBack(cells, quarter);
    for (let i = 0; i < patterns.ids.length; i++) {
      const score = scoreOf(upright, patterns.upright, i, second - blurGain);
      if (score > best.score) {
        if (best.id !== patterns.ids[i]) second = best.score;
        best = { id: patterns.ids[i]!, turn: quarter, score };
      } else if (score > second && best.id !== patterns.ids[i]) second = score;
    }
  }
  return { ...best, lead: best.score - second };
}

/** How much another blur than the middle one may better a correlation. */
const blurGain = 0.25;
const middleBlur = 1;

/** The best correlation of upright cells with one mark, over the blurs; the middle one's, where that is below `least`. */
function scoreOf(upright: Float32Array, patterns: Float32Array, index: number, least: number): number {
  const at = index * blurs.length * bits;
  let best = correlation(upright, patterns, at + middleBlur * bits);
  if (best < least) return best;
  for (let blur = 0; blur < blurs.length; blur++) {
    if (blur !== middleBlur) best = Math.max(best, correlation(upright, patterns, at + blur * bits));
  }
  return best;
}

function correlation(upright: Float32Array, patterns: Float32Array, at: number): number {
  let sum = 0;
  for (let k = 0; k < bits; k++) sum += upright[k]! * patterns[at + k]!;
  return sum;
}

/** Cells of a mark that is turned by quarters clockwise, as they would be upright. */
function turnedBack(cells: Float32Array, quarters: number): Float32Array {
  let from = cells;
  for (let i = 0; i < quarters; i++) {
    const to = new Float32Array(bits);
    for (let row = 0; row < MARKER_BITS; row++) {
      for (let column = 0; column < MARKER_BITS; column++) {
        to[row * MARKER_BITS + column] = from[column * MARKER_BITS + MARKER_BITS - 1 - row]!;
      }
    }
    from = to;
  }
  return from;
}
