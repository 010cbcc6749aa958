import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSet } from '../lab/data/sets/index.ts';
import { buildNetwork } from '../lab/training/build.ts';
import { readRecipe } from '../lab/training/recipe.ts';
import { halftone } from './testing.ts';

let cwd: string;
const run = (...args: string[]) => halftone(args, { cwd });
const recipes = fileURLToPath(new URL('../models/recipes/', import.meta.url));

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'halftone-train-'));
  const recipe = {
    name: 'line',
    data: 'mnist',
    network: { layers: [{ type: 'dense', units: 10 }] },
    optimizer: { type: 'adam', rate: 0.01 },
    batch: 1000,
    epochs: 1,
  };
  await writeFile(join(cwd, 'line.json'), JSON.stringify(recipe));
  await writeFile(join(cwd, 'broken.yaml'), 'name: line\nnetwork: { layers: [\n');
  await writeFile(join(cwd, 'wrong.json'), JSON.stringify({ ...recipe, epochs: 0 }));
});
afterAll(() => rm(cwd, { recursive: true }));

test('a recipe becomes a model that knows its own accuracy; a second training does not overwrite it', async () => {
  const { code, stdout, stderr } = await run(
    'train',
    'line.json',
    '--out',
    'out',
    '--provider',
    'cpu',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const result = JSON.parse(stdout);
  // A straight line tells about nine digits in ten.
  expect(result.accuracy.share).toBeGreaterThan(0.85);
  expect(result.accuracy.n).toBe(10_000);
  const card = JSON.parse(await readFile(join(cwd, 'out', 'line.json'), 'utf8'));
  expect(card.training.accuracy).toMatchObject({ split: 'test', share: result.accuracy.share });

  const again = await run('train', 'line.json', '--out', 'out', '--provider', 'cpu');
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('holds a training already');
  const resumed = await run('train', 'line.json', '--out', 'out', '--provider', 'cpu', '--resume', '--json');
  expect(JSON.parse(resumed.stdout)).toEqual(result);
});

test('a recipe with a mistake names its field, or its line', async () => {
  const { code, stderr } = await run('train', 'wrong.json');
  expect(code).toBe(2);
  expect(stderr).toMatch(/wrong\.json: epochs: /);
  expect((await run('train', 'broken.yaml')).stderr).toMatch(/broken\.yaml: line \d: /);
});

test('every recipe that ships can be read, and its network fits its data', async () => {
  for (const file of await readdir(recipes)) {
    const recipe = await readRecipe(join(recipes, file));
    expect(`${recipe.name}.yaml`).toBe(file);
    expect(findSet(recipe.data).name).toBe(recipe.data);
    const data = await findSet(recipe.data).open('');
    const { graph } = buildNetwork(recipe.network, { mode: 'training', layout: 'nhwc', input: data });
    expect(graph.outputs[0]!.shape).toEqual(['N', data.classes.length]);
  }
});
