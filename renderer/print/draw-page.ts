import type { Drawn } from '../../lab/vision/sheet/drawing.ts';
import { drawSheet } from '../../lab/vision/sheet/drawing.ts';
import type { Sheet } from '../../lab/vision/sheet/geometry.ts';
import type { Pixels } from '../pictures/difference.ts';

/** A page in small, for the preview: what the printer gets is the PDF. */

/** A canvas of each picture: `putImageData` knows no scale. */
const canvases = new WeakMap<Pixels, OffscreenCanvas>();

function canvasOf(pixels: Pixels): OffscreenCanvas {
  const known = canvases.get(pixels);
  if (known !== undefined) return known;
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext('2d')!.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  canvases.set(pixels, canvas);
  return canvas;
}

/** What of a page is drawn on a 2D canvas. */
type Context = Pick<
  CanvasRenderingContext2D,
  | 'fillStyle'
  | 'fillRect'
  | 'font'
  | 'fillText'
  | 'textBaseline'
  | 'drawImage'
  | 'imageSmoothingEnabled'
  | 'imageSmoothingQuality'
>;

/**
 * Draws a page at a scale, in pixels of the canvas for each mm. Pictures that aren't there yet are grey.
 *
 * @param pictures those of the sheet's cells, in their order.
 */
export function drawPage(
  context: Context,
  sheet: Sheet,
  pictures: readonly (Pixels | undefined)[],
  scale: number,
): void {
  context.fillStyle = '#fff';
  context.fillRect(0, 0, sheet.paper.width * scale, sheet.paper.height * scale);
  for (const drawn of drawSheet(sheet)) drawThing(context, drawn, pictures, scale);
}

function drawThing(
  context: Context,
  drawn: Drawn,
  pictures: readonly (Pixels | undefined)[],
  scale: number,
): void {
  const [x, y] = [drawn.x * scale, drawn.y * scale];
  if (drawn.kind === 'box') {
    context.fillStyle = `rgb(${drawn.rgb.join(' ')})`;
    context.fillRect(x, y, drawn.width * scale, drawn.height * scale);
  } else if (drawn.kind === 'cells') {
    drawCells(context, drawn, scale);
  } else if (drawn.kind === 'text') {
    context.fillStyle = '#000';
    context.font = `${drawn.size * scale}px Helvetica, Arial, sans-serif`;
    context.textBaseline = 'top';
    context.fillText(drawn.text, x, y, drawn.width * scale);
  } else {
    drawImage(context, drawn, pictures[drawn.cell], scale);
  }
}

/** Cells end at whole pixels, so that no seams show between them. */
function drawCells(context: Context, drawn: Extract<Drawn, { kind: 'cells' }>, scale: number): void {
  const { edge, ink, size } = drawn;
  const at = (from: number, i: number) => Math.round((from + (size * i) / edge) * scale);
  for (let row = 0; row < edge; row++) {
    for (let column = 0; column < edge; column++) {
      context.fillStyle = ink[row * edge + column] === 1 ? '#000' : '#fff';
      const [left, top] = [at(drawn.x, column), at(drawn.y, row)];
      context.fillRect(left, top, at(drawn.x, column + 1) - left, at(drawn.y, row + 1) - top);
    }
  }
}

function drawImage(
  context: Context,
  { x, y, width, height }: Extract<Drawn, { kind: 'image' }>,
  picture: Pixels | undefined,
  scale: number,
): void {
  const [left, top] = [Math.round(x * scale), Math.round(y * scale)];
  const [right, bottom] = [Math.round((x + width) * scale), Math.round((y + height) * scale)];
  if (picture === undefined) {
    context.fillStyle = '#ccc';
    context.fillRect(left, top, right - left, bottom - top);
    return;
  }
  // Squares of one, two and one pixels would look like a pattern of the image's own.
  context.imageSmoothingEnabled = right - left < 3 * picture.width && (right - left) % picture.width !== 0;
  context.imageSmoothingQuality = 'high';
  context.drawImage(canvasOf(picture), left, top, right - left, bottom - top);
}
