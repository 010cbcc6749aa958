import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCard } from './card.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-card-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));
const model = () => join(folder, 'net.onnx');

test('no card, then the least card with its defaults', async () => {
  expect(await loadCard(model())).toBeUndefined();
  await write('net.json', {});
  const input = { layout: 'nchw', channels: 'rgb', range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] };
  expect(await loadCard(model())).toEqual({ name: 'net', input, output: 'logits' });
});

test('a full card, with its classes in a file beside it', async () => {
  await write('classes.json', ['cat', 'dog']);
  const input = {
    layout: 'nhwc',
    height: 28,
    width: 28,
    channels: 'grey',
    range: [0, 255],
    mean: [127],
    std: [64],
  };
  const card = { name: 'Net', input, output: 'probabilities', source: 's', licence: 'MIT' };
  await write('net.card.json', { ...card, classes: 'classes.json' });
  expect(await loadCard(model())).toEqual({ ...card, classes: [{ name: 'cat' }, { name: 'dog' }] });
});

test.each<[unknown, string]>([
  [[], 'net.json: '],
  [{ input: { layout: 'hwc' } }, 'net.json: input.layout: '],
  [
    { input: { channels: 'grey', mean: [1, 2, 3] } },
    'net.json: input.mean: expected 1 numbers for grey, got 3',
  ],
  [{ input: { std: [1, 0, 1] } }, 'net.json: input.std.1: no std may be zero'],
  [{ input: { range: [1, 0] } }, 'net.json: input.range: expected [low, high]'],
  [{ inputs: {} }, 'Unrecognized key: "inputs"'],
  [{ classes: '../secret.json' }, "classes: '../secret.json' must lie beside the card"],
  [{ classes: 'none.json' }, 'none.json: no such file'],
])('%j is refused, naming the field', async (card, message) => {
  await write('net.json', card);
  await expect(loadCard(model())).rejects.toThrow(message);
});
