import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseClasses } from './classes.ts';
import { labelledFiles } from './folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
}

const expected = [
  { id: 'n01440764', name: 'tench, Tinca tinca' },
  { id: 'n01484850', name: 'great white shark' },
];

test.each([
  [
    'objects with wnid',
    [
      { wnid: 'n01440764', name: 'tench, Tinca tinca' },
      { wnid: 'n01484850', name: 'great white shark' },
    ],
  ],
  [
    'objects with id',
    [
      { id: 'n01440764', name: 'tench, Tinca tinca' },
      { id: 'n01484850', name: 'great white shark' },
    ],
  ],
  [
    'pairs',
    [
      ['n01440764', 'tench, Tinca tinca'],
      ['n01484850', 'great white shark'],
    ],
  ],
  ['pairs by index', { 1: ['n01484850', 'great white shark'], 0: ['n01440764', 'tench, Tinca tinca'] }],
])('a class list of %s', (_, value) => {
  expect(parseClasses(value, 'x')).toEqual(expected);
});

test('a class list of names, and what is none', () => {
  expect(parseClasses(['a', 'b'], 'x')).toEqual([{ name: 'a' }, { name: 'b' }]);
  expect(() => parseClasses(['a', 7], 'c.json')).toThrow(/^c\.json: 1: expected a name/);
  expect(() => parseClasses({ 0: 'a', 2: 'b' }, 'c.json')).toThrow('c.json: expected a list of classes');
  expect(() => parseClasses([], 'c.json')).toThrow('c.json');
});

test('labels come from the start of the name or from the sub-folder', async () => {
  await put(
    'n01484850_great_white_shark.JPEG',
    'tench_0001.png',
    'great_white_shark_2.jpg',
    '1_x.png',
    'notes.txt',
  );
  await put('Tinca_tinca/a.png', '1/b.png', 'n01440764/c.webp', '.hidden.png');
  const files = await labelledFiles(folder, expected);
  expect(Object.fromEntries(files.map(({ name, label }) => [name, label]))).toEqual({
    'n01484850_great_white_shark.JPEG': 1,
    'tench_0001.png': 0,
    'great_white_shark_2.jpg': 1,
    '1_x.png': 1,
    'Tinca_tinca/a.png': 0,
    '1/b.png': 1,
    'n01440764/c.webp': 0,
  });
});

test('what fits no class is named; an empty folder and none at all are told apart', async () => {
  await expect(labelledFiles(folder, expected)).rejects.toThrow('no images');
  await expect(labelledFiles(join(folder, 'no'), expected)).rejects.toThrow('no such file');
  await put('tench_1.png', 'zebra_1.png', '0001.png', 'cats/a.png');
  const message = expect.stringMatching(/no class fits 0001\.png, cats\/a\.png, zebra_1\.png;/);
  await expect(labelledFiles(folder, expected)).rejects.toMatchObject({ code: 'bad-labels', message });
});
