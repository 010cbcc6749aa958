import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { type ImageLike, openLiveView } from './live.ts';
import { sheetSchema } from './sheet/geometry.ts';

const folder = new URL('../../fixtures/sheets/', import.meta.url);
const sheets = ['sheet-1.json', 'sheet-2.json'].map((name) =>
  sheetSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))),
);

/** A photograph as a canvas gives it. */
async function canvas(name: string): Promise<ImageLike> {
  const image = sharp(new URL(`${name}.jpg`, folder).pathname)
    .ensureAlpha()
    .raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8ClampedArray(data) };
}

test('a live view tells what it sees, how far it moved, and when it is gone', async () => {
  const view = await openLiveView({ sheets });
  const first = view.look(await canvas('plain'));
  expect(first).toMatchObject({ finding: { found: true }, movement: null });
  expect(first.grade?.faults).toEqual([]);
  expect(first.overlay?.outline).toHaveLength(4);
  expect(first.overlay?.cells).toHaveLength(sheets[0]!.cells.length);
  // What goes from a worker to a page is copied as it is.
  expect(structuredClone(first)).toEqual(first);
  expect(view.look(await canvas('plain')).movement).toBeCloseTo(0, 0);
  expect(view.look(await canvas('next')).movement).toBeGreaterThan(3);
  const empty = { width: 64, height: 48, data: new Uint8ClampedArray(64 * 48 * 4) };
  expect(view.look(empty)).toMatchObject({ finding: { found: false }, overlay: null, grade: null });
  expect(view.look(await canvas('second'))).toMatchObject({ finding: { found: true }, movement: null });
});

test('nothing that a live view reaches needs Node', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const sdk: Record<string, string> = {
    '@halftone/sdk/errors': '../../sdk/errors.ts',
    '@halftone/sdk/image': '../../sdk/image/index.ts',
  };
  const visit = (file: URL) => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    // Without its types, which load nothing.
    const compilerOptions = { target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true };
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions });
    for (const { fileName } of ts.preProcessFile(outputText, true, true).importedFiles) {
      if (fileName.startsWith('.')) visit(new URL(fileName, file));
      else if (sdk[fileName] !== undefined) visit(new URL(sdk[fileName], import.meta.url));
      else packages.add(fileName);
    }
  };
  visit(new URL('live.ts', import.meta.url));
  expect(seen.size).toBeGreaterThan(20);
  expect([...packages].sort()).toEqual(['@techstark/opencv-js', 'uqr', 'zod']);
});
