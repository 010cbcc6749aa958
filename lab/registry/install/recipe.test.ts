import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareRun } from '../../experiments/physical/prepare.ts';
import { runPhysical } from '../../experiments/physical/run.ts';
import { parseRecipeText } from '../../experiments/recipe/read.ts';
import { createMaterials, type OpenMaterials } from '../../materials.ts';
import { places } from '../../runs/folder.ts';
import { createRegistry } from '../registry.ts';
import { installedIn, PluginStore } from './index.ts';

const packed = fileURLToPath(
  new URL('../../../fixtures/plugins/halftone-attack-ni-fgsm-1.0.0.tgz', import.meta.url),
);

const recipe = `
name: third-party
model: signs-plain
data: { set: signs, count: 2 }
attacks:
  - { attack: ni-fgsm, set: { epsilon: 16/255, steps: 2 } }
`;

let root: string;
let store: PluginStore;
let materials: OpenMaterials;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-recipe-'));
  const folder = join(root, 'plugins');
  store = new PluginStore({ folder });
  await (await store.add(packed)).accept();
  const registry = createRegistry(installedIn(store, folder));
  materials = createMaterials({ registry, dataDir: join(root, 'lab'), base: root });
});

afterAll(async () => {
  await materials.close();
  store.close();
  await rm(root, { recursive: true, force: true });
});

test('a recipe with an installed attack runs', { timeout: 120_000 }, async () => {
  const prepared = { recipe: parseRecipeText(recipe, 'test'), folder: root, root, halftone: '0.0.0' };
  const run = await prepareRun(prepared, materials);
  const { results } = await runPhysical(run, materials);
  expect(results.rows).toMatchObject([{ file: { clean: { top1: { successes: 2, n: 2 } } } }]);
  expect(results.rows[0]?.file.adversarial.top1.n).toBe(2);
  expect(await readFile(join(run.folder, places.report), 'utf8')).toContain('ni-fgsm');
});
