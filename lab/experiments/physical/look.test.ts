import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HalftoneError } from '@halftone/sdk/errors';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { places, type Run } from '../../runs/folder.ts';
import { lookAtPhotograph } from '../../vision/node/look.ts';
import { createPhotographReader, type PhotographReader } from '../../vision/node/reader.ts';
import { readSheet } from '../../vision/node/sheet-folder.ts';
import type { Sheet } from '../../vision/sheet/geometry.ts';
import { readCaptures } from './capture-record.ts';
import { lookAtPhotographs } from './look.ts';
import type { Photograph } from './simulate.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/sheets/', import.meta.url));
const vision = pathToFileURL(`${import.meta.dirname}/../../vision/node/look.ts`).href;
const serve = pathToFileURL(`${import.meta.dirname}/../../threads/serve.ts`).href;
const names = ['plain', 'second', 'junk'];
const size = { width: 32, height: 32 };

let folder: string;
let run: Run;
let sheets: Sheet[];
let reader: PhotographReader;

/** A photograph in the run's folder. */
function photograph(name: string): Photograph {
  return { name, file: `${places.captures}/${name}.jpg`, origin: `file: ${name}.jpg` };
}

/** A fixture's sheet, its versions called as those of a run are. */
async function sheetOf(number: number): Promise<Sheet> {
  const sheet = await readSheet(join(fixtures, `sheet-${number}.json`));
  const cells = sheet.cells.map(({ image, ...cell }) => {
    return { ...cell, image: { ...image, variant: image.variant.replaceAll(/\W+/g, '-') } };
  });
  return { ...sheet, cells };
}

beforeAll(async () => {
  sheets = [await sheetOf(1), await sheetOf(2)];
  reader = createPhotographReader();
});
afterAll(() => reader.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-look-'));
  run = { folder, record: { input: size } } as Run;
  await mkdir(join(folder, places.captures));
  for (const name of ['plain', 'second']) {
    await cp(join(fixtures, `${name}.jpg`), join(folder, places.captures, `${name}.jpg`));
  }
  await writeFile(join(folder, places.captures, 'junk.jpg'), 'no photograph');
  return () => rm(folder, { recursive: true, force: true });
});

test('photographs that threads look at come out as one at a time, byte for byte', async () => {
  const records = await lookAtPhotographs(run, reader, sheets, names.map(photograph));
  expect(records.map(({ sheet }) => sheet)).toEqual([1, 2, undefined]);
  expect(records[2]?.problem).toMatch(/not an image/);
  expect(await readCaptures(run)).toEqual(records.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  for (const record of records.slice(0, 2)) {
    const alone = await lookAtPhotograph({ path: join(folder, record.file), sheets, size });
    if (!alone.found) throw new Error(alone.problem);
    expect(record).toMatchObject({ angle: alone.grade.angle, dpi: alone.grade.dpi });
    const written = await Promise.all(record.crops.map(({ file }) => readFile(join(folder, file))));
    expect(written.map((png, i) => png.equals(alone.crops[i]!.png))).toEqual(record.crops.map(() => true));
  }
});

test('a photograph that a thread dies of says so, and the others are looked at', async () => {
  const script = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { serveThread } from '${serve}';
      import { lookAtPhotograph } from '${vision}';
      serveThread(async ({ question }) => {
        if (question.path.includes('junk')) throw new RangeError('out of memory');
        return { value: await lookAtPhotograph(question) };
      });
    `)}`,
  );
  const fragile = createPhotographReader(script);
  const records = await lookAtPhotographs(run, fragile, sheets, ['junk', 'plain'].map(photograph));
  await fragile.close();
  expect(records[0]).toMatchObject({ crops: [], problem: expect.stringMatching(/stopped: out of memory/) });
  expect(records[1]).toMatchObject({ sheet: 1 });
});

test('cancelled, it keeps what is done and goes on from there', async () => {
  const abort = new AbortController();
  const onProgress = () => abort.abort();
  const stopped = lookAtPhotographs(run, reader, sheets, names.map(photograph), {
    signal: abort.signal,
    onProgress,
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  const done = await readCaptures(run);
  expect(done.length).toBeGreaterThan(0);
  const asked: string[] = [];
  const counting: PhotographReader = {
    ...reader,
    look: (question, signal) => {
      asked.push(question.path);
      return reader.look(question, signal);
    },
  };
  const records = await lookAtPhotographs(run, counting, sheets, names.map(photograph));
  expect(asked).toHaveLength(names.length - done.length);
  expect(records).toEqual(expect.arrayContaining(done));
});

test('what goes wrong with one stops the others, and is what is told', async () => {
  const broken: PhotographReader = {
    ...reader,
    threads: 2,
    look: async (question, signal) => {
      if (question.path.includes('plain')) throw new HalftoneError('not-found', 'gone');
      return reader.look(question, signal);
    },
  };
  const looking = lookAtPhotographs(run, broken, sheets, names.map(photograph));
  await expect(looking).rejects.toThrow('gone');
});
