import type { Projection } from './projection.ts';

/** Pixels between two nodes of the map. */
export const STEP = 8;
/** How far off the paper places are still told apart, in mm; what is seen beyond lies at this distance. */
const horizon = 3000;

/** Which place of the paper's plane is seen at every `STEP`-th pixel corner of a frame; linear in between. */
export interface InverseMap {
  /** Nodes across and down: one more than there are blocks of `STEP` pixels. */
  readonly columns: number;
  readonly rows: number;
  /** mm, two a node: x, y. */
  readonly places: Float64Array;
}

/**
 * Inverts a projection at the nodes by Newton's method, each from its neighbour's answer. In between, on eight
 * pixels, the map is straight to a few thousandths of a mm.
 */
export function invert(
  projection: Projection,
  width: number,
  height: number,
  middle: readonly [x: number, y: number],
): InverseMap {
  const columns = Math.ceil(width / STEP) + 1;
  const rows = Math.ceil(height / STEP) + 1;
  const places = new Float64Array(columns * rows * 2);
  const solve = solver(projection);
  const guess = new Float64Array(2);
  // From the middle of the frame outwards: there the sheet is, and every next node is near the one before.
  const order = (count: number) => {
    const from = count >> 1;
    return [...range(from, count), ...range(0, from).reverse()];
  };
  for (const row of order(rows)) {
    for (const column of order(columns)) {
      const at = (row * columns + column) * 2;
      const before = neighbour(row, column, rows, columns);
      if (before === undefined) guess.set(middle);
      else guess.set(places.subarray(before * 2, before * 2 + 2));
      solve(column * STEP, row * STEP, guess);
      places.set(guess, at);
    }
  }
  return { columns, rows, places };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The node already solved next to this one, towards the frame's middle. */
function neighbour(row: number, column: number, rows: number, columns: number): number | undefined {
  const [midRow, midColumn] = [rows >> 1, columns >> 1];
  if (column !== midColumn) return row * columns + column + (column > midColumn ? -1 : 1);
  if (row !== midRow) return (row + (row > midRow ? -1 : 1)) * columns + column;
  return undefined;
}

/** Moves a guess to the place that is seen at a pixel. */
function solver(projection: Projection): (x: number, y: number, place: Float64Array) => void {
  const [here, right, down] = [new Float64Array(2), new Float64Array(2), new Float64Array(2)];
  const delta = 0.5;
  return (x, y, place) => {
    for (let iteration = 0; iteration < 12; iteration++) {
      const [px, py] = [place[0]!, place[1]!];
      projection.write(px, py, here);
      const [ex, ey] = [x - here[0]!, y - here[1]!];
      if (ex * ex + ey * ey < 1e-8) return;
      projection.write(px + delta, py, right);
      projection.write(px, py + delta, down);
      const [a, b] = [(right[0]! - here[0]!) / delta, (down[0]! - here[0]!) / delta];
      const [c, d] = [(right[1]! - here[1]!) / delta, (down[1]! - here[1]!) / delta];
      const determinant = a * d - b * c;
      if (!(determinant > 1e-9)) return;
      // Far steps are cut short: behind the horizon the projection has other branches.
      place[0] = limited(px, (d * ex - b * ey) / determinant);
      place[1] = limited(py, (a * ey - c * ex) / determinant);
    }
  };
}

function limited(from: number, step: number): number {
  const to = from + Math.max(-200, Math.min(200, step));
  return Math.max(-horizon, Math.min(horizon, to));
}
