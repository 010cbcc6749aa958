/**
 * The contact sheet in the README of `lab/data/signs`: test images at their real size, class after class, two
 * classes in a row.
 * `node scripts/signs-sheet.ts [--size 64] [--each 6] [--zoom 1] [--out FILE.png]`
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { openSigns } from '../lab/data/signs/index.ts';

const standard = fileURLToPath(new URL('../lab/data/signs/contact-sheet.png', import.meta.url));
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '64' },
    each: { type: 'string', default: '6' },
    zoom: { type: 'string', default: '1' },
    out: { type: 'string', default: standard },
  },
});
const [size, each, zoom] = [Number(values.size), Number(values.each), Number(values.zoom)];
if (size !== 64 && size !== 96) throw new Error('the size is 64 or 96');

await using signs = openSigns({ size });
const classes = signs.classes.length;
const cell = size + 2;
const [width, height] = [2 * each * cell, (classes / 2) * cell];
const sheet = new Uint8Array(width * height * 3).fill(255);

/** Copies image `from` of a batch to a cell of the sheet. */
function put(data: Float32Array, from: number, column: number, row: number): void {
  for (let y = 0; y < size; y++) {
    const start = (from * size + y) * size * 3;
    const levels = data.subarray(start, start + size * 3).map((value) => Math.round(value * 255));
    sheet.set(levels, ((row * cell + y + 1) * width + column * cell + 1) * 3);
  }
}

for (let label = 0; label < classes; label++) {
  const indices = Array.from({ length: each }, (_, i) => label + i * classes);
  const { images } = await signs.splits.test.read(indices);
  for (let i = 0; i < each; i++) put(images.data, i, (label % 2) * each + i, Math.floor(label / 2));
}
await sharp(sheet, { raw: { width, height, channels: 3 } })
  .resize({ width: width * zoom, height: height * zoom, kernel: 'nearest' })
  .png({ palette: true, colours: 64, effort: 10, compressionLevel: 9 })
  .toFile(values.out);
