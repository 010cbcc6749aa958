import { DICTIONARY } from '../sheet/dictionary.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { papers } from '../sheet/settings.ts';

/** Side of a mark, white between marks, and the unprinted rim, in mm. */
const size = 24;
const gap = 8;
const margin = 10;
/** Number of the board's first mark; the last of the dictionary are its own. */
const firstId = 950;

/**
 * The board to calibrate a camera by: a sheet full of marks and nothing else, to be printed by whoever prints sheets.
 * Two marks stand in the first row, so that the legend has room between them.
 */
export function calibrationBoard(paper: keyof typeof papers = 'A4'): Sheet {
  const { width, height } = papers[paper];
  const pitch = size + gap;
  const columns = Math.floor((width - 2 * margin + gap) / pitch);
  const rows = Math.floor((height - 2 * margin + gap) / pitch);
  const left = tenths((width - columns * pitch + gap) / 2);
  const top = tenths((height - rows * pitch + gap) / 2);
  const places = Array.from({ length: columns * (rows - 1) }, (_, i) => ({
    column: i % columns,
    row: 1 + Math.floor(i / columns),
  }));
  // The legend stands between the first mark and the fifth.
  const order = [
    { column: 0, row: 0 },
    ...places.slice(0, 3),
    { column: columns - 1, row: 0 },
    ...places.slice(3),
  ];
  return {
    version: 1,
    run: 'calibration board',
    sheet: 1,
    sheets: 1,
    paper: { name: paper, width, height },
    dictionary: DICTIONARY,
    markers: order.map(({ column, row }, i) => ({
      id: firstId + i,
      x: tenths(left + column * pitch),
      y: tenths(top + row * pitch),
      size,
    })),
    patches: [],
    cells: [],
  };
}

function tenths(length: number): number {
  return Math.round(length * 10) / 10;
}
