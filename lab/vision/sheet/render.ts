import { HalftoneError } from '@halftone/sdk/errors';
import { levelOf, lightOfLevel } from '@halftone/sdk/image';
import type { Raster } from '../raster.ts';
import { drawSheet, type Rgb } from './drawing.ts';
import type { Rectangle, Sheet } from './geometry.ts';
import { textBoxes } from './letters.ts';

/**
 * A sheet as a picture, as an ideal printer would print it: what a pixel covers is averaged by area, in linear
 * light; pixels of images are rectangles, never interpolated.
 *
 * @param images the pictures of the sheet's cells, in their order; each of the size that its cell says.
 * @param pixelsPerMm pixels for each mm: 300 dpi are 11.8.
 * @returns ⌈width · pixelsPerMm⌉ × ⌈height · pixelsPerMm⌉ pixels; (x, y) mm is at (x, y) · pixelsPerMm counted from
 *   the upper left corner of the first pixel.
 * @throws `bad-argument` for a picture that is missing or of another size.
 */
export function renderSheet(sheet: Sheet, images: readonly Raster[], pixelsPerMm: number): Raster {
  const width = Math.ceil(sheet.paper.width * pixelsPerMm - 1e-6);
  const height = Math.ceil(sheet.paper.height * pixelsPerMm - 1e-6);
  const raster = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
  for (const drawn of drawSheet(sheet)) {
    if (drawn.kind === 'box') drawPixels(raster, onePixel(drawn.rgb), drawn, pixelsPerMm);
    else if (drawn.kind === 'image')
      drawPixels(raster, pictureOf(sheet, images, drawn.cell), drawn, pixelsPerMm);
    else if (drawn.kind === 'cells')
      drawPixels(
        raster,
        cellsAsPixels(drawn),
        { ...drawn, width: drawn.size, height: drawn.size },
        pixelsPerMm,
      );
    else for (const box of textBoxes(drawn)) drawPixels(raster, onePixel([0, 0, 0]), box, pixelsPerMm);
  }
  return raster;
}

/** The picture of a cell. Throws `bad-argument` where it is missing or of another size than the sheet says. */
export function pictureOf(sheet: Sheet, images: readonly Raster[], cell: number): Raster {
  const picture = images[cell];
  const { file, width, height } = sheet.cells[cell]!.image;
  if (picture === undefined) {
    throw new HalftoneError('bad-argument', `sheet ${sheet.sheet}: no picture for ${file}`);
  }
  if (picture.width === width && picture.height === height) return picture;
  throw new HalftoneError(
    'bad-argument',
    `${file}: ${picture.width} × ${picture.height} pixels, the sheet says ${width} × ${height}`,
  );
}

function onePixel(rgb: Rgb): Raster {
  return { width: 1, height: 1, data: Uint8Array.from(rgb) };
}

function cellsAsPixels({ edge, ink }: { readonly edge: number; readonly ink: Uint8Array }): Raster {
  const data = Uint8Array.from({ length: edge * edge * 3 }, (_, i) => 255 * (1 - ink[Math.floor(i / 3)]!));
  return { width: edge, height: edge, data };
}

/** Which of the source's pixels lie under each of the target's along one side, and how much of the target each covers. */
interface Cover {
  readonly first: number;
  /** For each target pixel from `first`: the first source pixel, where its shares begin, and how many there are. */
  readonly source: Int32Array;
  readonly start: Int32Array;
  readonly shares: Float32Array;
}

function coverOf(from: number, extent: number, count: number, limit: number): Cover {
  const first = Math.max(0, Math.floor(from + 1e-6));
  const last = Math.min(limit, Math.ceil(from + extent - 1e-6));
  const pixels = Math.max(0, last - first);
  const source = new Int32Array(pixels);
  const start = new Int32Array(pixels + 1);
  const shares: number[] = [];
  const step = extent / count;
  for (let i = 0; i < pixels; i++) {
    const [left, right] = [first + i - from, first + i + 1 - from];
    const begin = Math.max(0, Math.min(count - 1, Math.floor(left / step)));
    source[i] = begin;
    for (let k = begin; k < count && k * step < right; k++) {
      shares.push(Math.max(0, Math.min(right, (k + 1) * step) - Math.max(left, k * step)));
    }
    start[i + 1] = shares.length;
  }
  return { first, source, start, shares: Float32Array.from(shares) };
}

/** Lays a picture over a place of the raster, each of its pixels a rectangle. */
function drawPixels(to: Raster, picture: Raster, place: Rectangle, pixelsPerMm: number): void {
  const across = coverOf(place.x * pixelsPerMm, place.width * pixelsPerMm, picture.width, to.width);
  const down = coverOf(place.y * pixelsPerMm, place.height * pixelsPerMm, picture.height, to.height);
  const line = new Float32Array(picture.width * 3);
  for (let row = 0; row < down.source.length; row++) {
    line.fill(0);
    let covered = 0;
    for (let k = down.start[row]!; k < down.start[row + 1]!; k++) {
      const share = down.shares[k]!;
      const at = (down.source[row]! + k - down.start[row]!) * picture.width * 3;
      for (let i = 0; i < line.length; i++) line[i]! += share * lightOfLevel[picture.data[at + i]!]!;
      covered += share;
    }
    layLine(to, (down.first + row) * to.width + across.first, line, across, covered);
  }
}

/** One row of target pixels from a line of light. `covered`: how much of the row's height the picture covers. */
function layLine(to: Raster, first: number, line: Float32Array, across: Cover, covered: number): void {
  const { source, start, shares } = across;
  for (let i = 0; i < source.length; i++) {
    const at = (first + i) * 3;
    let share = 0;
    let [red, green, blue] = [0, 0, 0];
    for (let k = start[i]!; k < start[i + 1]!; k++) {
      const weight = shares[k]!;
      const from = (source[i]! + k - start[i]!) * 3;
      share += weight;
      red += weight * line[from]!;
      green += weight * line[from + 1]!;
      blue += weight * line[from + 2]!;
    }
    const through = 1 - share * covered;
    to.data[at] = levelOf(red + through * lightOfLevel[to.data[at]!]!) + 0.5;
    to.data[at + 1] = levelOf(green + through * lightOfLevel[to.data[at + 1]!]!) + 0.5;
    to.data[at + 2] = levelOf(blue + through * lightOfLevel[to.data[at + 2]!]!) + 0.5;
  }
}
