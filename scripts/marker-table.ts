/**
 * Writes lab/vision/sheet/generated/dictionary.ts: the cells of OpenCV's ArUco dictionary DICT_5X5_1000, so that
 * drawing a sheet takes no OpenCV. Run it again only to change the dictionary: `node scripts/marker-table.ts`.
 */
import { writeFile } from 'node:fs/promises';
import opencv from '@techstark/opencv-js';

/** What of OpenCV is used here: its package's types lack the dictionaries. */
interface OpenCv {
  readonly DICT_5X5_1000: number;
  readonly Mat: new () => { readonly data: Uint8Array; delete(): void };
  getPredefinedDictionary(name: number): {
    readonly markerSize: number;
    readonly bytesList: { readonly rows: number };
    generateImageMarker(id: number, edge: number, image: unknown, border: number): void;
  };
}

const cv = (await opencv) as unknown as OpenCv;
const dictionary = cv.getPredefinedDictionary(cv.DICT_5X5_1000);
const edge = dictionary.markerSize + 2;
const drawn = new cv.Mat();
const words: string[] = [];
for (let id = 0; id < dictionary.bytesList.rows; id++) {
  dictionary.generateImageMarker(id, edge, drawn, 1);
  let bits = '';
  for (let row = 1; row < edge - 1; row++) {
    for (let column = 1; column < edge - 1; column++) bits += drawn.data[row * edge + column] ? '1' : '0';
  }
  words.push(Number.parseInt(bits, 2).toString(16).padStart(7, '0'));
}
drawn.delete();

const rows: string[] = [];
for (let at = 0; at < words.length; at += 13) rows.push(`  ${words.slice(at, at + 13).join('')}`);
const file = new URL('../lab/vision/sheet/generated/dictionary.ts', import.meta.url);
await writeFile(
  file,
  `// Made by scripts/marker-table.ts from OpenCV's DICT_5X5_1000: seven hexadecimal digits a marker, 25 cells row by
// row from the highest bit, 1 white.
export const table = \`
${rows.join('\n')}
\`;
`,
);
