import type { Raster } from '../../lab/vision/raster.ts';
import type { Sheet } from '../../lab/vision/sheet/geometry.ts';
import { renderSheet } from '../../lab/vision/sheet/render.ts';
import type { Pixels } from '../pictures/difference.ts';

/** A sheet on a screen: the same places as on paper, but for the millimetre's length. */

/** How a sheet is shown. */
export interface ScreenView {
  /** Turned by a quarter to the right. */
  readonly turned: boolean;
  /** Pixels of the screen for each mm of the sheet. */
  readonly pixelsPerMm: number;
  /** Pixels of the screen for each of an image's: whole where `crisp`. */
  readonly zoom: number;
  /** Every pixel of every image is a square of whole pixels of the screen. */
  readonly crisp: boolean;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The largest that a sheet can be shown on a screen (its size in its own pixels) with its images' pixels whole; where
 * not even one to one fits, as large as the screen allows.
 *
 * @param turned the sheet's direction; without it, whichever is larger.
 */
export function fitScreen(sheet: Sheet, screen: Size, turned?: boolean): ScreenView {
  if (turned !== undefined) return viewOf(sheet, screen, turned);
  const [upright, lying] = [viewOf(sheet, screen, false), viewOf(sheet, screen, true)];
  if (upright.crisp !== lying.crisp) return upright.crisp ? upright : lying;
  return lying.pixelsPerMm > upright.pixelsPerMm * 1.001 ? lying : upright;
}

function viewOf(sheet: Sheet, screen: Size, turned: boolean): ScreenView {
  const { width, height } = sheet.paper;
  const [across, down] = turned ? [height, width] : [width, height];
  const most = Math.min(screen.width / across, screen.height / down);
  const density = densityOf(sheet);
  if (density === undefined) return { turned, pixelsPerMm: most, zoom: 1, crisp: sheet.cells.length === 0 };
  const zoom = Math.floor(most / density + 1e-9);
  if (zoom >= 1) return { turned, pixelsPerMm: zoom * density, zoom, crisp: true };
  return { turned, pixelsPerMm: most, zoom: most / density, crisp: false };
}

/** Pixels of the images for each mm; undefined where they differ. */
function densityOf({ cells }: Sheet): number | undefined {
  const densities = cells.map(({ width, image }) => image.width / width);
  const [first] = densities;
  if (first === undefined) return undefined;
  return densities.every((density) => Math.abs(density / first - 1) < 1e-6) ? first : undefined;
}

/** What to say of a view that isn't as one would want it; nothing where it is. */
export function viewWords({ crisp, zoom }: ScreenView): string {
  if (crisp) return `×${zoom}: each pixel of an image is ${zoom} × ${zoom} of the screen`;
  return `images at ${Math.round(100 * zoom)}%: the screen has too few pixels for them; fewer on a sheet, and larger ones, would fit`;
}

/** A sheet as the screen shows it. Images in the order of the sheet's cells. Throws `bad-argument`. */
export function screenPicture(sheet: Sheet, images: readonly Raster[], view: ScreenView): Pixels {
  const raster = renderSheet(sheet, images, view.pixelsPerMm);
  if (view.crisp) for (const [i, image] of images.entries()) layImage(raster, sheet, i, image, view);
  return view.turned ? turnedPixels(raster) : plainPixels(raster);
}

/** An image at a whole place, at most half a pixel from where it lies on paper. */
function layImage(
  to: Raster,
  sheet: Sheet,
  index: number,
  image: Raster,
  { pixelsPerMm, zoom }: ScreenView,
): void {
  const { x, y, width, height } = sheet.cells[index]!;
  // What was drawn of it at broken places goes.
  const [left, top] = [Math.floor(x * pixelsPerMm), Math.floor(y * pixelsPerMm)];
  const [right, bottom] = [Math.ceil((x + width) * pixelsPerMm), Math.ceil((y + height) * pixelsPerMm)];
  for (let row = top; row < Math.min(bottom, to.height); row++) {
    to.data.fill(255, (row * to.width + left) * 3, (row * to.width + Math.min(right, to.width)) * 3);
  }
  const [x0, y0] = [Math.round(x * pixelsPerMm), Math.round(y * pixelsPerMm)];
  for (let row = 0; row < image.height * zoom; row++) {
    const source = Math.floor(row / zoom) * image.width;
    for (let column = 0; column < image.width * zoom; column++) {
      const from = (source + Math.floor(column / zoom)) * 3;
      const at = ((y0 + row) * to.width + x0 + column) * 3;
      for (let c = 0; c < 3; c++) to.data[at + c] = image.data[from + c]!;
    }
  }
}

function plainPixels({ width, height, data }: Raster): Pixels {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    pixels.set([data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!, 255], 4 * i);
  }
  return { width, height, data: pixels };
}

/** Turned by a quarter to the right: the sheet's top is at the right. */
function turnedPixels(raster: Raster): Pixels {
  const { width: height, height: width, data } = raster;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((width - 1 - x) * raster.width + y) * 3;
      const at = 4 * (y * width + x);
      pixels[at] = data[from]!;
      pixels[at + 1] = data[from + 1]!;
      pixels[at + 2] = data[from + 2]!;
      pixels[at + 3] = 255;
    }
  }
  return { width, height, data: pixels };
}

/** A picture without its transparency. */
export function rasterOf({ width, height, data }: Pixels): Raster {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c]!;
  }
  return { width, height, data: rgb };
}
