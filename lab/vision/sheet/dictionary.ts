import { HalftoneError } from '@halftone/sdk/errors';
import { table } from './generated/dictionary.ts';

/**
 * The fiducials' dictionary. 5 × 5 cells inside a black border, 1000 markers that differ from each other, however
 * they are turned, in at least 5 cells: with ten marks a sheet a run may have a hundred sheets with no mark twice,
 * and a cell misread doesn't make another mark. 4 × 4 cells would be seen from a fifth farther away, but one square
 * in seventy of a photograph passes for one of their 250 markers.
 */
export const DICTIONARY = 'DICT_5X5_1000';
/** Markers in the dictionary. */
export const DICTIONARY_SIZE = 1000;
/** Cells across a marker without its border. */
export const MARKER_BITS = 5;
/** Cells across a marker with its black border of one cell. */
export const MARKER_CELLS = MARKER_BITS + 2;

const digits = table.replaceAll(/\s/g, '');
const perMarker = 7;

/**
 * The cells of a marker, 7 × 7 with its border, row by row from the upper left: 1 white, 0 black.
 * Throws `bad-argument` for an id that the dictionary has not.
 */
export function markerCells(id: number): Uint8Array {
  if (!Number.isInteger(id) || id < 0 || id >= DICTIONARY_SIZE) {
    throw new HalftoneError('bad-argument', `marker ${id}: ${DICTIONARY} has 0 to ${DICTIONARY_SIZE - 1}`);
  }
  const word = Number.parseInt(digits.slice(id * perMarker, (id + 1) * perMarker), 16);
  const cells = new Uint8Array(MARKER_CELLS * MARKER_CELLS);
  for (let row = 0; row < MARKER_BITS; row++) {
    for (let column = 0; column < MARKER_BITS; column++) {
      const shift = MARKER_BITS * MARKER_BITS - 1 - (row * MARKER_BITS + column);
      cells[(row + 1) * MARKER_CELLS + column + 1] = (word >>> shift) & 1;
    }
  }
  return cells;
}
