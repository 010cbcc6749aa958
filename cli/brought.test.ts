import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { prepareRun } from '../lab/experiments/physical/prepare.ts';
import { runPhysical } from '../lab/experiments/physical/run.ts';
import { parseRecipeText } from '../lab/experiments/recipe/read.ts';
import { createMaterials, type OpenMaterials } from '../lab/materials.ts';
import { installedIn, PluginStore, pluginsFolder } from '../lab/registry/install/index.ts';
import { packageText } from '../lab/registry/install/testing.ts';
import { findAnySet } from '../lab/registry/plugin-sets.ts';
import { createRegistry, type Registry } from '../lab/registry/registry.ts';
import { halftone, writeTinyModel } from './testing.ts';

vi.setConfig({ testTimeout: 300_000 });

let root: string;
let store: PluginStore;
let registry: Registry;
let materials: OpenMaterials;

/** Three images of one level each, 0, 100 and 255, to learn from, and ten to test on. */
const tones = `import { defineDataset } from '@halftone/sdk';
const images = (levels) => ({
  count: levels.length,
  labels: async () => Int32Array.from(levels, (_, i) => i % 3),
  read: async (indices) => Uint8Array.from({ length: indices.length * 48 }, (_, i) => levels[indices[Math.floor(i / 48)]]),
});
export default defineDataset({
  name: 'tones', title: 'Tones', summary: 'For tests.', source: 'https://example.org', licence: 'CC0',
  classes: ['dark', 'mid', 'light'], input: { height: 4, width: 4, channels: 3 },
  train: {
    ...images([0, 100, 255]),
    // From a file of its own, and from one that is none of its business.
    read: async (indices, { file }) => {
      if (indices.length > 1) await file('./../../secret');
      const levels = await file('./levels.bin');
      return Uint8Array.from({ length: 48 }, () => levels[indices[0]]);
    },
  },
  test: images(Array.from({ length: 10 }, (_, i) => i * 20)),
});
`;

const net = `import { defineModel } from '@halftone/sdk';
export default defineModel({
  name: 'tiny', title: 'Tiny', summary: 'For tests.', file: './weights/net.onnx',
  source: 'https://example.org', licence: 'CC0',
});
`;

const card = {
  name: 'net',
  input: {
    height: 4,
    width: 4,
    channels: 'rgb',
    layout: 'nchw',
    range: [0, 1],
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  output: 'logits',
  classes: ['dark', 'mid', 'light'].map((name) => ({ name })),
};

async function put(name: string, kind: string, source: string): Promise<string> {
  const folder = join(root, 'sources', name);
  const halftone = { apiVersion: 1, kind, name, entry: './index.js' };
  await mkdir(join(folder, 'weights'), { recursive: true });
  await writeFile(join(folder, 'package.json'), packageText(name, { halftone }));
  await writeFile(join(folder, 'index.js'), source);
  return folder;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-brought-'));
  const folder = pluginsFolder(root);
  store = new PluginStore({ folder });
  const set = await put('tones', 'dataset', tones);
  await writeFile(join(set, 'levels.bin'), Uint8Array.of(0, 100, 255));
  const model = await put('tiny', 'model', net);
  await writeTinyModel(join(model, 'weights', 'net.onnx'));
  await writeFile(join(model, 'weights', 'net.json'), JSON.stringify(card));
  for (const source of [set, model]) await (await store.add(source)).accept();
  registry = createRegistry(installedIn(store, folder));
  materials = createMaterials({ registry, dataDir: root, base: root });
});

afterAll(async () => {
  await materials.close();
  store.close();
  await rm(root, { recursive: true });
});

test('an installed data set is read as any other', async () => {
  const set = await (await findAnySet(registry, 'tones')).open('');
  expect(set).toMatchObject({ name: 'tones', height: 4, width: 4, channels: 3 });
  const { train, test } = set.splits;
  expect([train.count, test.count]).toEqual([3, 10]);
  expect([...test.labels([3, 1])]).toEqual([0, 1]);
  const { images, labels } = await test.read([9, 0, 1]);
  expect([...labels]).toEqual([0, 0, 1]);
  expect([0, 48, 96].map((at) => images.data[at])).toEqual(
    [180, 0, 20].map((level) => Math.fround(level / 255)),
  );
  expect((await train.read([1])).images.data[47]).toBe(Math.fround(100 / 255));
  await expect(train.read([0, 1])).rejects.toThrow("'./../../secret' is no path within the plugin's folder");
  await expect(test.read([10])).rejects.toThrow('image 10 was asked for');
  await expect(findAnySet(registry, 'nothing')).rejects.toThrow('plugins bring tones');
});

test('a recipe runs with an installed model on an installed data set', async () => {
  const text = 'name: brought\nmodel: tiny\ndata: { set: tones, count: 3 }\nattacks: [{ attack: fgsm }]';
  const prepared = { recipe: parseRecipeText(text, 'test'), folder: root, root, halftone: '0.0.0' };
  const run = await prepareRun(prepared, materials);
  const { results } = await runPhysical(run, materials);
  expect(results.rows[0]?.file.clean.top1.n).toBe(3);
});

test('the command knows both by name', async () => {
  const run = (...args: string[]) => halftone(args, { cwd: root, env: { HALFTONE_DATA: root } });
  const [models, sets, attacked] = await Promise.all([
    run('models', '--json'),
    run('data'),
    run(
      'attack',
      'tiny',
      '--attack',
      'fgsm',
      '--data',
      'tones',
      '--count',
      '4',
      '--provider',
      'cpu',
      '--json',
    ),
  ]);
  const listed = (JSON.parse(models.stdout) as { name: string; origin: string; height: number }[]).at(-1);
  expect(listed).toMatchObject({ name: 'tiny', origin: 'plugin', height: 4 });
  expect(sets.stdout).toMatch(/^tones +here +Tones\. https:\/\/example\.org; CC0$/m);
  expect(attacked).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(attacked.stdout)).toMatchObject({ count: 4, spent: { gradients: 4 } });
});
