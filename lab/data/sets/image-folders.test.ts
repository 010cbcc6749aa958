import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePng } from '../images.ts';
import { findSet } from './index.ts';

let root: string;
let path: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-folders-'));
  path = join(root, 'pets.json');
  for (const [place, level] of [
    ['train/cat/1.png', 10],
    ['train/dog/2.png', 20],
    ['train/dog/3.png', 30],
    ['test/dog_9.png', 90],
  ] as const) {
    await mkdir(join(root, place, '..'), { recursive: true });
    const data = new Float32Array(4 * 4 * 3).fill(level / 255);
    await writePng(join(root, place), { data, count: 1, height: 4, width: 4, channels: 3 }, 0);
  }
});
afterAll(() => rm(root, { recursive: true }));

const good = { classes: ['cat', 'dog'], height: 2, width: 3, train: 'train', test: 'test' };
const describe = (value: unknown) => writeFile(path, JSON.stringify(value));

test('folders of images are a data set like any other', async () => {
  await describe(good);
  const { name, classes, splits, height, width, channels } = await findSet(path).open('');
  expect({ name, height, width, channels }).toEqual({ name: 'pets', height: 2, width: 3, channels: 3 });
  expect(classes.map((entry) => entry.name)).toEqual(['cat', 'dog']);
  expect([splits.train.count, splits.test.count]).toEqual([3, 1]);
  const { images, labels } = await splits.train.read([2, 0]);
  expect([...labels]).toEqual([1, 0]);
  expect([...images.data]).toEqual([30, 10].flatMap((level) => new Array(18).fill(Math.fround(level / 255))));
  await expect(splits.test.read([1])).rejects.toThrow('image 1 was asked for; there are 0 to 0');
});

test('the classes may stand in a file of their own', async () => {
  await writeFile(join(root, 'classes.json'), JSON.stringify({ 0: 'dog', 1: 'cat' }));
  await describe({ ...good, classes: 'classes.json', channels: 1 });
  const { splits, channels } = await findSet(path).open('');
  expect([channels, ...splits.test.labels([0])]).toEqual([1, 0]);
});

test.each<[string, unknown, string]>([
  ['no size', { ...good, height: undefined }, 'pets.json: height'],
  ['a slip', { ...good, tset: 'test' }, 'tset'],
  ['a folder that is not there', { ...good, test: 'none' }, 'none: no such file'],
  ['a class that is missing', { ...good, classes: ['cat', 'fox'] }, 'no class fits dog'],
])('%s is refused', async (_, value, message) => {
  await describe(value);
  await expect(findSet(path).open('')).rejects.toThrow(message);
  await expect(findSet(join(root, 'none.json')).open('')).rejects.toMatchObject({ code: 'not-found' });
});
