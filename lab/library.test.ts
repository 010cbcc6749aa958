import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findModel, listShelves, type Shelf, shelve } from './library.ts';

let folder: string;
let shelf: Shelf;
const bytes = new Uint8Array([1, 2, 3]);
const accept = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-library-'));
  shelf = { folder: join(folder, 'models'), origin: 'added' };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the models of a lab', () => {
  it('are the ONNX files on its shelves, in sub-folders too, with what their cards say', async () => {
    await mkdir(join(shelf.folder, 'signs'), { recursive: true });
    await writeFile(join(shelf.folder, 'signs', 'net.onnx'), bytes);
    const card = {
      name: 'Signs',
      input: { height: 32, width: 48 },
      classes: ['stop', 'yield'],
      licence: 'MIT',
    };
    await writeFile(join(shelf.folder, 'signs', 'net.json'), JSON.stringify(card));
    await writeFile(join(shelf.folder, 'bare.ONNX'), bytes);
    await writeFile(join(shelf.folder, 'notes.txt'), bytes);
    const found = await listShelves([{ folder: join(folder, 'nowhere'), origin: 'shipped' }, shelf]);
    expect(found.map(({ summary }) => summary)).toEqual([
      { id: 'added/bare.ONNX', name: 'bare', file: 'bare.ONNX', size: 3, origin: 'added' },
      {
        id: 'added/signs/net.onnx',
        name: 'Signs',
        file: 'net.onnx',
        size: 3,
        origin: 'added',
        channels: 'rgb',
        height: 32,
        width: 48,
        classes: 2,
        licence: 'MIT',
      },
    ]);
  });

  it('with a damaged card are listed with the problem', async () => {
    await mkdir(shelf.folder);
    await writeFile(join(shelf.folder, 'a.onnx'), bytes);
    await writeFile(join(shelf.folder, 'a.json'), '{"input": {"height": -1}}');
    const [model] = await listShelves([shelf]);
    expect(model?.summary.problem).toMatch(/input\.height/);
  });

  it('are found by id alone, never by path', async () => {
    await shelve(shelf, { name: 'a.onnx', bytes }, accept);
    const models = await listShelves([shelf]);
    expect(findModel(models, 'added/a.onnx').path).toBe(join(shelf.folder, 'a.onnx'));
    expect(() => findModel(models, 'added/../models/a.onnx')).toThrow('there is no model');
  });
});

describe('adding a model', () => {
  it('refuses a name that is taken', async () => {
    await shelve(shelf, { name: 'a.onnx', bytes }, accept);
    await expect(shelve(shelf, { name: 'A.onnx', bytes }, accept)).rejects.toThrow(/already/);
  });

  it('keeps nothing of a file that is no model', async () => {
    const check = () => {
      throw new HalftoneError('bad-graph', 'not a model');
    };
    await expect(shelve(shelf, { name: 'a.onnx', bytes }, check)).rejects.toThrow('not a model');
    expect(await readdir(folder)).toEqual([]);
  });
});
