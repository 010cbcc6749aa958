import { encode } from 'uqr';
import { MARKER_CELLS, markerCells } from './dictionary.ts';
import type { Cell, Marker, Rectangle, Sheet } from './geometry.ts';
import { CAPTION_HEIGHT, legendArea } from './layout.ts';

/** sRGB levels. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Something on the paper. Places in mm; what comes later lies on top. */
export type Drawn =
  | ({ readonly kind: 'box'; readonly rgb: Rgb } & Rectangle)
  /** A square of `edge` × `edge` cells, row by row, black where `ink` is 1, white elsewhere. */
  | {
      readonly kind: 'cells';
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly edge: number;
      readonly ink: Uint8Array;
    }
  /** The picture of one of the sheet's cells, pixel for pixel. */
  | ({ readonly kind: 'image'; readonly cell: number } & Rectangle)
  /** One line of text: upper left corner, height of a line, and the width that it must keep within. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly width: number;
    };

/** Everything that is printed on a sheet, for whoever draws it: the PDF, a picture, the screen. */
export function drawSheet(sheet: Sheet): Drawn[] {
  return [
    ...sheet.markers.map(drawMarker),
    ...sheet.patches.filter(({ kind }) => kind !== 'paper').map(drawPatch),
    ...(sheet.qr === undefined ? [] : [drawQr(sheet.qr)]),
    ...drawLegend(sheet),
    ...sheet.cells.map(
      ({ x, y, width, height }, cell): Drawn => ({ kind: 'image', cell, x, y, width, height }),
    ),
    ...drawCaptions(sheet),
  ];
}

function drawPatch({ x, y, width, height, rgb }: Sheet['patches'][number]): Drawn {
  return { kind: 'box', x, y, width, height, rgb };
}

function drawMarker({ id, x, y, size }: Marker): Drawn {
  const ink = markerCells(id).map((white) => 1 - white);
  return { kind: 'cells', x, y, size, edge: MARKER_CELLS, ink };
}

function drawQr({ x, y, size, text }: NonNullable<Sheet['qr']>): Drawn {
  const { data, size: edge } = encode(text, { ecc: 'M', border: 0 });
  const ink = Uint8Array.from(data.flat(), (dark) => (dark ? 1 : 0));
  return { kind: 'cells', x, y, size, edge, ink };
}

/** What a person reads: which run and sheet, which images and how they were made. */
function drawLegend(sheet: Sheet): Drawn[] {
  const area = legendArea(sheet);
  const line = 3;
  const lines = legendLines(sheet).slice(0, Math.floor(area.height / line));
  return lines.map((text, i) => ({
    kind: 'text',
    text,
    x: area.x,
    y: area.y + i * line,
    size: i === 0 ? 2.8 : 2.3,
    width: area.width,
  }));
}

function legendLines({ run, sheet, sheets, cells }: Sheet): string[] {
  const sources = [...new Set(cells.map(({ image }) => image.source))];
  const variants = [...new Set(cells.map(({ image }) => image.variant))];
  // A calibration board has no images.
  if (sources.length === 0) return [`${run}: sheet ${sheet} of ${sheets}`];
  const range =
    sources.length === 1
      ? `image ${sources[0]}`
      : `images ${Math.min(...sources)} to ${Math.max(...sources)}`;
  return [`${run}: sheet ${sheet} of ${sheets}`, `${cells.length} pictures, ${range}`, ...variants];
}

/** Under each picture its number and how it was made, where the gap has room for a line. */
function drawCaptions({ cells }: Sheet): Drawn[] {
  const size = 1.7;
  return cells
    .filter((cell) => roomBelow(cell, cells) >= CAPTION_HEIGHT)
    .map(({ x, y, width, height, image }) => ({
      kind: 'text',
      text: `${image.source} ${image.variant}`,
      x,
      y: y + height + 0.3,
      size,
      width,
    }));
}

/** White below a cell in mm, up to the next cell under it. */
function roomBelow(cell: Cell, cells: readonly Cell[]): number {
  const below = cells.filter(
    ({ x, y, width }) => y >= cell.y + cell.height - 1e-6 && x < cell.x + cell.width && x + width > cell.x,
  );
  // The layout keeps this much below the last row, beside the white that the fiducials need.
  return Math.min(CAPTION_HEIGHT, ...below.map(({ y }) => y - cell.y - cell.height));
}
