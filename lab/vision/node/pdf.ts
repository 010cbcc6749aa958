import PDFDocument from 'pdfkit';
import type { Raster } from '../raster.ts';
import { type Drawn, drawSheet } from '../sheet/drawing.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { pictureOf } from '../sheet/render.ts';
import { encodePng } from './pictures.ts';

const pointsPerMm = 72 / 25.4;
/** Share of a line's height that its letters take. */
const letterShare = 0.85;

/**
 * Sheets as one PDF, a page each, exactly to size when printed at 100%. Fiducials, QR code, patches and type are
 * drawn as vectors; each image goes in losslessly at its own pixels, which the PDF says not to interpolate.
 *
 * @param pictures for each sheet the pictures of its cells, in their order.
 * @throws `bad-argument` for a picture that is missing or of another size than its sheet says.
 */
export async function sheetsPdf(
  sheets: readonly Sheet[],
  pictures: readonly (readonly Raster[])[],
): Promise<Uint8Array> {
  const document = new PDFDocument({
    autoFirstPage: false,
    compress: true,
    info: { Title: sheets[0]?.run ?? '', Creator: 'Halftone', CreationDate: new Date(0) },
  });
  const whole = collect(document);
  for (const [index, sheet] of sheets.entries()) {
    const { width, height } = sheet.paper;
    document.addPage({ size: [width * pointsPerMm, height * pointsPerMm], margin: 0 });
    document.scale(pointsPerMm);
    for (const drawn of drawSheet(sheet)) await draw(document, drawn, sheet, pictures[index] ?? []);
  }
  document.end();
  return whole;
}

type Document = InstanceType<typeof PDFDocument>;

function collect(document: Document): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    document.on('data', (part: Uint8Array) => parts.push(part));
    document.on('end', () => resolve(Buffer.concat(parts)));
    document.on('error', reject);
  });
}

async function draw(
  document: Document,
  drawn: Drawn,
  sheet: Sheet,
  pictures: readonly Raster[],
): Promise<void> {
  if (drawn.kind === 'box') {
    const { x, y, width, height, rgb } = drawn;
    document.rect(x, y, width, height).fill([...rgb]);
  } else if (drawn.kind === 'cells') drawCells(document, drawn);
  else if (drawn.kind === 'image') {
    const { x, y, width, height } = drawn;
    const png = await encodePng(pictureOf(sheet, pictures, drawn.cell));
    document.image(Buffer.from(png), x, y, { width, height });
  } else writeText(document, drawn);
}

/** All black cells as one path: where two touch there is no edge to be smoothed, and so no seam. */
function drawCells(document: Document, { x, y, size, edge, ink }: Extract<Drawn, { kind: 'cells' }>): void {
  const cell = size / edge;
  for (let row = 0; row < edge; row++) {
    for (let column = 0; column < edge; column++) {
      const start = column;
      while (column < edge && ink[row * edge + column] === 1) column += 1;
      if (column > start) document.rect(x + start * cell, y + row * cell, (column - start) * cell, cell);
    }
  }
  document.fill('black');
}

function writeText(document: Document, { text, x, y, size, width }: Extract<Drawn, { kind: 'text' }>): void {
  document
    .font('Helvetica')
    .fontSize(size * letterShare)
    .fillColor('black');
  document.text(fitted(document, printable(text), width), x, y, { lineBreak: false });
}

/** The fonts that every reader has know Western letters alone. */
function printable(text: string): string {
  return text.replaceAll('ε', 'eps').replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?');
}

function fitted(document: Document, text: string, width: number): string {
  let end = text.length;
  while (end > 0 && document.widthOfString(text.slice(0, end)) > width) end -= 1;
  return text.slice(0, end);
}
