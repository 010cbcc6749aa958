import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeModel } from '../graph/index.ts';
import type { Lab } from '../lab.ts';
import { meanColourModel } from '../testing.ts';
import { openTestLab, type TestLab } from './testing.ts';

let opened: TestLab;
let lab: Lab;
const bytes = writeModel(meanColourModel());
const id = 'added/mean.onnx';
const classes = [{ name: 'red' }, { name: 'green' }, { name: 'blue', id: 'b' }];

beforeEach(async () => {
  opened = await openTestLab();
  lab = opened.lab;
  await lab.addModel({ name: 'mean.onnx', bytes });
});

afterEach(() => opened.close());

async function bestOf(colour: { r: number; g: number; b: number }): Promise<string> {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: colour } });
  const image = await picture.png().toBuffer();
  return (await lab.classify({ model: id, image, name: 'a.png' })).top[0]!.label;
}

test('a model without a card is described by its graph, then by the card it is given', async () => {
  const before = await lab.modelCard({ id });
  expect(before).toMatchObject({
    card: null,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    graph: { input: ['N', 3, 8, 8], parameters: 1, nodes: 3, classes: 3 },
  });
  expect(await bestOf({ r: 255, g: 0, b: 0 })).toBe('class 0');
  const card = { name: 'Mean', classes, licence: 'MIT', input: { mean: [0.5, 0.5, 0.5] } };
  expect(await lab.setModelCard({ id, card })).toMatchObject({
    id,
    name: 'Mean',
    classes: 3,
    licence: 'MIT',
  });
  expect((await lab.modelCard({ id })).card).toMatchObject({
    classes,
    input: { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] },
  });
});

test('a new card is in force at once, also for a model that is open', async () => {
  await lab.setModelCard({ id, card: { classes } });
  expect(await bestOf({ r: 255, g: 0, b: 0 })).toBe('red');
  await lab.setModelCard({ id, card: { classes, input: { channels: 'bgr' } } });
  // The first mean is blue's now, and still called red.
  expect(await bestOf({ r: 255, g: 0, b: 0 })).toBe('blue');
});

test('how a model was trained outlives a card that a person writes', async () => {
  const shipped = JSON.parse(await readFile(new URL('../../models/mnist-c.json', import.meta.url), 'utf8'));
  await writeFile(
    join(opened.dataDir, 'models', 'mean.json'),
    JSON.stringify({ training: shipped.training }),
  );
  await lab.setModelCard({ id, card: { name: 'Mean' } });
  expect((await lab.modelCard({ id })).card?.training).toEqual(shipped.training);
  expect((await readdir(join(opened.dataDir, 'models'))).sort()).toEqual(['mean.json', 'mean.onnx']);
});

test.each([
  [{ classes: classes.slice(1) }, /names 2 classes, the model has 3/],
  [{ input: { mean: [Number.NaN, 0, 0] } }, /input\.mean\.0/],
  [{ input: { std: [0, 1, 1] } }, /no std may be zero/],
  [{ input: { channels: 'grey' } as const }, /3 channels/],
  [{ input: { height: 9 } }, /input\.height is 9, the model's is 8/],
])('the card %j is refused and the old one stays', async (card, message) => {
  await lab.setModelCard({ id, card: { name: 'Before' } });
  await expect(lab.setModelCard({ id, card })).rejects.toThrow(message);
  expect((await lab.modelCard({ id })).card).toMatchObject({ name: 'Before' });
});

test('a model whose file was cut off later says so and hides no other', async () => {
  await writeFile(join(opened.dataDir, 'models', 'mean.onnx'), bytes.subarray(0, 40));
  const { graph, problem } = await lab.modelCard({ id });
  expect(graph).toBeNull();
  expect(problem).toMatch(/mean\.onnx/);
  await expect(lab.setModelCard({ id, card: {} })).rejects.toMatchObject({ name: 'GraphError' });
});

test('an added model is put away with its card and comes back; a shipped one stays', async () => {
  await lab.setModelCard({ id, card: { name: 'Mean' } });
  await lab.removeModel({ id });
  expect((await lab.listModels()).map((model) => model.id)).not.toContain(id);
  await lab.addModel({ name: 'mean.onnx', bytes });
  await expect(lab.restoreModel({ id })).rejects.toThrow(/again/);
  await lab.removeModel({ id });
  await lab.restoreModel({ id });
  // The last that was put away, which had no card.
  expect((await lab.listModels()).find((model) => model.id === id)?.name).toBe('mean');
  await expect(lab.restoreModel({ id: 'added/none.onnx' })).rejects.toMatchObject({ code: 'not-found' });
  const [shipped] = await lab.listModels();
  await expect(lab.removeModel({ id: shipped!.id })).rejects.toThrow(/ships with Halftone/);
});

const text = (words: string) => new TextEncoder().encode(words);

test.each([
  ['a\r\nb\n\n', ['a', 'b']],
  ['0, stop\n1, give way', ['stop', 'give way']],
  ['3\n1', ['3', '1']],
  ['n01440764 tench, Tinca tinca', ['tench, Tinca tinca']],
  ['{"0": "a", "1": ["n1", "b"]}', ['a', 'b']],
])('classes are read from %j', async (words, names) => {
  const found = await lab.readClasses({ name: 'classes', bytes: text(words) });
  expect(found.map(({ name }) => name)).toEqual(names);
});

test('what holds no classes is refused, and a data set says what it takes', async () => {
  await expect(lab.readClasses({ name: 'x.json', bytes: text('{"0"') })).rejects.toThrow(/x\.json: not JSON/);
  const noText = new Uint8Array([0xff, 0xfe, 0x00]);
  await expect(lab.readClasses({ name: 'x.png', bytes: noText })).rejects.toThrow(/neither JSON nor text/);
  await expect(lab.readClasses({ name: 'x.txt', bytes: text('\n') })).rejects.toThrow(/x\.txt/);
  expect(await lab.dataShape({ set: 'mnist' })).toEqual({ height: 28, width: 28, channels: 1, classes: 10 });
});
