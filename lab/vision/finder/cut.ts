import type { Raster } from '../raster.ts';
import type { Cell } from '../sheet/geometry.ts';
import type { FoundSheet } from './finding.ts';
import { channelsOf, type Frame } from './frame.ts';
import { type SheetMap, toFrame } from './sheet-map.ts';

/** One image of a sheet as a photograph has it. */
export interface Crop {
  /** Index of the cell on its sheet. */
  readonly index: number;
  readonly cell: Cell;
  /** Upright, of the size asked for. */
  readonly raster: Raster;
}

/** Size of crops, in pixels. */
export interface CropSize {
  readonly width: number;
  readonly height: number;
}

/** Output pixels between two places where the map is worked out; in between it is straight to a hundredth of a pixel. */
const stride = 8;
/** Samples along one side of an output pixel, at most. */
const mostSamples = 16;

/**
 * Every image of a found sheet, upright and of one size: what an output pixel covers of the frame is averaged (on
 * sRGB values, as image libraries resize), and interpolated where it covers less than a pixel. Light and colour stay
 * as the camera gave them.
 *
 * @param size of the classifier's input; each image's own where it is not given.
 */
export function cutCells(
  frame: Frame,
  { sheet, map }: Pick<FoundSheet, 'sheet' | 'map'>,
  size?: CropSize,
): Crop[] {
  return sheet.cells.map((cell, index) => ({
    index,
    cell,
    raster: cutCell(frame, map, cell, size ?? cell.image),
  }));
}

function cutCell(frame: Frame, map: SheetMap, cell: Cell, { width, height }: CropSize): Raster {
  const grid = gridOf(map, cell, width, height);
  const data = new Uint8Array(width * height * 3);
  const [across, down] = samplesOf(grid);
  const sum = new Float64Array(3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sum.fill(0);
      for (let j = 0; j < down; j++) {
        const v = (y + (j + 0.5) / down) / stride;
        for (let i = 0; i < across; i++) addSample(frame, grid, (x + (i + 0.5) / across) / stride, v, sum);
      }
      const at = (y * width + x) * 3;
      const scale = 1 / (across * down);
      for (let c = 0; c < 3; c++) data[at + c] = sum[c]! * scale + 0.5;
    }
  }
  return { width, height, data };
}

/** Where every `stride`-th output pixel corner lies in the frame. */
interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** x, y of each node, in pixels of the frame. */
  readonly places: Float64Array;
}

function gridOf(map: SheetMap, cell: Cell, width: number, height: number): Grid {
  const columns = Math.ceil(width / stride) + 1;
  const rows = Math.ceil(height / stride) + 1;
  const places = new Float64Array(columns * rows * 2);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = toFrame(map, {
        x: cell.x + (cell.width * column * stride) / width,
        y: cell.y + (cell.height * row * stride) / height,
      });
      places[(row * columns + column) * 2] = place.x;
      places[(row * columns + column) * 2 + 1] = place.y;
    }
  }
  return { columns, rows, places };
}

/** As many samples each way as an output pixel is wide in the frame, where it is widest. */
function samplesOf({ columns, rows, places }: Grid): [across: number, down: number] {
  let [across, down] = [0, 0];
  const gap = (a: number, b: number) =>
    Math.hypot(places[2 * a]! - places[2 * b]!, places[2 * a + 1]! - places[2 * b + 1]!) / stride;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (column + 1 < columns) across = Math.max(across, gap(at, at + 1));
      if (row + 1 < rows) down = Math.max(down, gap(at, at + columns));
    }
  }
  const samples = (width: number) => Math.min(Math.max(Math.ceil(width - 0.05), 1), mostSamples);
  return [samples(across), samples(down)];
}

/** Adds the frame's colour, bilinear, at a place of the grid (in strides). */
function addSample(
  frame: Frame,
  { columns, rows, places }: Grid,
  u: number,
  v: number,
  sum: Float64Array,
): void {
  const column = Math.min(Math.floor(u), columns - 2);
  const row = Math.min(Math.floor(v), rows - 2);
  const [fu, fv] = [u - column, v - row];
  const at = (row * columns + column) * 2;
  const next = at + columns * 2;
  const [a, b, c, d] = [(1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv];
  const x = a * places[at]! + b * places[at + 2]! + c * places[next]! + d * places[next + 2]!;
  const y = a * places[at + 1]! + b * places[at + 3]! + c * places[next + 1]! + d * places[next + 3]!;
  addColour(frame, x, y, sum);
}

function addColour(frame: Frame, x: number, y: number, sum: Float64Array): void {
  const { width, height, data } = frame;
  const channels = channelsOf(frame);
  const px = Math.min(Math.max(x - 0.5, 0), width - 1);
  const py = Math.min(Math.max(y - 0.5, 0), height - 1);
  const column = px | 0;
  const row = py | 0;
  const fx = px - column;
  const fy = py - row;
  const here = (row * width + column) * channels;
  const right = column + 1 < width ? here + channels : here;
  const down = row + 1 < height ? width * channels : 0;
  const [a, b, c, d] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
  for (let k = 0; k < 3; k++) {
    sum[k]! +=
      a * data[here + k]! + b * data[right + k]! + c * data[here + down + k]! + d * data[right + down + k]!;
  }
}
