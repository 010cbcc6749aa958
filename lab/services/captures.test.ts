import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lab } from '../lab.ts';
import { idle, openTestLab, type TestLab } from './testing.ts';

/** One run for all: its stages follow one another as they do for people. */
let opened: TestLab;
let lab: Lab;
let id: string;

beforeAll(async () => {
  opened = await openTestLab();
  lab = opened.lab;
  const recipe = {
    name: 'tiny',
    model: 'signs-separable',
    data: { set: 'signs', count: 2 },
    attacks: [{ attack: 'fgsm', set: { epsilon: '8/255' } }],
  };
  id = (await lab.createRun({ recipe })).id;
});

afterAll(() => opened.close());

const white = { width: 1, height: 1, channels: 3, background: 'white' } as const;
const pixel = new Uint8Array(await sharp({ create: white }).png().toBuffer());

test('a layout can be changed until the sheets are photographed, and says what is on them', async () => {
  expect(await lab.sheetPlan({ id })).toMatchObject({
    cells: [],
    problem: expect.stringMatching(/not all made/),
  });
  const photo = { id, name: 'a.png', bytes: pixel, origin: 'file' } as const;
  await expect(lab.addCapture(photo)).rejects.toThrow(/no sheets yet/);
  await lab.startRun({ id, until: 'report' });
  expect((await idle(lab)).map(({ error }) => error)).toEqual([undefined]);
  expect(await lab.openRun({ id })).toMatchObject({ measured: false });
  expect((await lab.runSheets({ id }))[0]!.cells).toHaveLength(4);
  await lab.setSheetSettings({ id, settings: { imageSize: 60 } });
  expect(await lab.runSheets({ id })).toEqual([]);
  const plan = await lab.sheetPlan({ id });
  expect(plan).toMatchObject({ settings: { imageSize: 60 }, fixed: false });
  expect(plan.cells.map(({ source, variant }) => `${source} ${variant}`)).toEqual([
    '0 clean',
    '0 fgsm-epsilon-8-255',
    '1 clean',
    '1 fgsm-epsilon-8-255',
  ]);
});

test('photographs are simulated, taken, judged by people, put away and brought back', async () => {
  await lab.simulateRun({ id, printer: 'office-laser', camera: 'webcam-1080p', views: 1 });
  expect((await idle(lab)).map(({ error }) => error)).not.toContainEqual(expect.anything());
  const [simulated] = await lab.listCaptures({ id });
  expect(simulated!.crops).toHaveLength(4);
  expect(await lab.openRun({ id })).toMatchObject({ measured: true });
  expect((await lab.runOutcomes({ id }))!.results.captures).toMatchObject({ taken: 1, used: 1 });
  await expect(lab.setSheetSettings({ id, settings: {} })).rejects.toThrow(/photographed already/);

  const bytes = new Uint8Array(await lab.runFile({ id, path: simulated!.file }));
  const taken = await lab.addCapture({ id, name: 'frame.png', bytes, origin: 'webcam' });
  expect(taken).toMatchObject({ sheet: 1, origin: 'webcam: frame.png' });
  expect(taken.crops).toHaveLength(4);

  const preview = await lab.capturePreview({ id, name: taken.name, width: 200 });
  expect(await sharp(preview).metadata()).toMatchObject({ format: 'webp', width: 200 });

  const used = async () => (await lab.runOutcomes({ id }))!.results.captures.crops.used;
  const before = await used();
  const { file } = taken.crops[0]!;
  await lab.decideCrop({ id, name: taken.name, file, decision: 'excluded' });
  expect(await used()).toBe(before - 1);
  await lab.decideCrop({ id, name: taken.name, file, decision: null });
  await lab.decideCapture({ id, name: taken.name, decision: 'excluded' });
  expect(await used()).toBe(before - 4);
  await lab.removeCapture({ id, name: taken.name });
  expect(await lab.listCaptures({ id })).toHaveLength(1);
  await lab.restoreCapture({ id, name: taken.name });
  expect(await lab.listCaptures({ id })).toHaveLength(2);
  await expect(lab.removeCapture({ id, name: 'nothing' })).rejects.toMatchObject({ code: 'not-found' });
});

test('a photograph that shows no sheet, or is none, is kept and says why', async () => {
  const small = await lab.addCapture({ id, name: 'small.png', bytes: pixel, origin: 'file' });
  expect(small).toMatchObject({ crops: [], problem: expect.any(String) });
  const cut = await lab.addCapture({ id, name: 'cut.png', bytes: pixel.subarray(0, 40), origin: 'file' });
  expect(cut.problem).toMatch(/^cut-\w+\.png: not an image that can be decoded/);
  await expect(lab.capturePreview({ id, name: cut.name, width: 200 })).rejects.toMatchObject({
    code: 'bad-image',
  });
  // Its ending is that of a record, which it must not be taken for.
  const notes = await lab.addCapture({ id, name: 'notes.json', bytes: Buffer.from('{}'), origin: 'file' });
  expect(notes.problem).toMatch(/not an image that can be decoded/);
  expect((await lab.listCaptures({ id })).map(({ name }) => name)).toContain(notes.name);
});

test('a damaged record says so of its photograph, and takes nothing else along', async () => {
  const before = (await lab.listCaptures({ id })).length;
  const { name, file } = await lab.addCapture({ id, name: 'whole.png', bytes: pixel, origin: 'file' });
  const { folder } = await lab.openRun({ id });
  await writeFile(join(folder, 'captures', `${name}.json`), '{"name": "who');
  await writeFile(join(folder, 'verdicts', 'signs-separable.json'), 'nothing');
  expect(await lab.listCaptures({ id })).toHaveLength(before + 1);
  const damaged = (await lab.listCaptures({ id })).find((record) => record.name === name);
  expect(damaged).toMatchObject({ file, crops: [], problem: expect.stringMatching(/record is damaged/) });
  // What the model said before is asked anew.
  expect((await lab.runOutcomes({ id }))!.results.captures.taken).toBe(before + 1);
  await lab.removeCapture({ id, name });
  expect(await lab.listCaptures({ id })).toHaveLength(before);
});

test('a calibration without a board says so; the board itself is a PDF', async () => {
  const board = await lab.calibrationBoard({});
  expect(Buffer.from(board.subarray(0, 5)).toString()).toBe('%PDF-');
  const photographs = [{ name: 'a.png', bytes: new Uint8Array(pixel) }];
  await expect(lab.calibrateCamera({ name: 'My webcam', photographs })).rejects.toThrow(/4 are the least/);
  expect(await lab.listCameras()).toEqual([]);
});
