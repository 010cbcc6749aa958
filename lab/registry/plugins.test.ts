import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtIn, findPlugins, loadAttack, type PluginPlace } from './plugins.ts';
import { createRegistry } from './registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-plugins-'));
});
const places = (): PluginPlace[] => [{ folder, origin: 'installed' }];
afterEach(() => rm(folder, { recursive: true }));

const halftone = { apiVersion: 1, kind: 'attack', name: 'x', entry: './index.mjs' };

async function put(name: string, manifest: unknown, code = 'export default 1'): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, name, 'index.mjs'), code);
}

test('the built-in attacks load and say what they are', async () => {
  const { plugins, refused } = await findPlugins([builtIn]);
  expect(refused).toEqual([]);
  expect(plugins.map(({ manifest }) => manifest.name)).toEqual(expect.arrayContaining(['bim', 'fgsm']));
  const attack = await loadAttack('bim');
  expect(attack).toMatchObject({ name: 'bim', access: 'white-box', norm: 'linf', budget: 'epsilon' });
  await expect(loadAttack('zap')).rejects.toThrow(/no attack is called 'zap'; there are: .*bim, .*fgsm/);
});

test.each<[unknown, string]>([
  [{ name: 'p', version: '1.0.0' }, "halftone: package.json has no 'halftone' key"],
  [
    { name: 'p', version: '1.0.0', halftone: { ...halftone, apiVersion: 2 } },
    'halftone.apiVersion: made for plugin API 2, this Halftone speaks 1: a newer Halftone is needed',
  ],
  [
    { name: 'p', version: '1.0.0', halftone: { ...halftone, kind: 'weapon' } },
    'halftone.kind: the kinds are: attack, defense, channel, model, dataset',
  ],
  [
    { name: 'p', version: '1.0.0', halftone: { ...halftone, entry: './../../x.js' } },
    'halftone.entry: may not leave',
  ],
  [
    { name: 'p', version: '1.0.0', halftone: { ...halftone, entry: '/etc/x.js' } },
    'halftone.entry: a path that begins ./',
  ],
  [{ name: 'p', version: '1.0.0', halftone: { ...halftone, extra: 1 } }, 'Unrecognized key: "extra"'],
  [{ name: 'p', version: 'new', halftone }, 'version: a version such as 1.0.0'],
])('a manifest is refused by field: %j', async (manifest, message) => {
  await put('x', manifest);
  await expect(loadAttack('x', places())).rejects.toMatchObject({ code: 'bad-plugin' });
  await expect(loadAttack('x', places())).rejects.toThrow(message);
});

test('a plugin whose code is not an attack is refused when it loads', async () => {
  await put('x', { name: 'p', version: '1.0.0', halftone });
  await expect(loadAttack('x', places())).rejects.toThrow('its default export is not made by defineAttack');
  await rm(join(folder, 'x'), { recursive: true });
  await put(
    'y',
    { name: 'p', version: '1.0.0', halftone: { ...halftone, name: 'y' } },
    'throw new Error("broken")',
  );
  await expect(loadAttack('y', places())).rejects.toThrow("plugin 'y' can't be loaded: broken");
});

test('installed plugins stand beside the built-in ones and run where they are told to', async () => {
  await put('x', { name: 'p', version: '1.0.0', halftone });
  await put('bim', { name: 'q', version: '1.0.0', halftone: { ...halftone, name: 'bim' } });
  const opened: string[] = [];
  const registry = createRegistry({
    installed: [...places(), { folder: join(folder, 'none'), origin: 'installed' }],
    isolate: async ({ manifest }) => {
      opened.push(manifest.packageName);
      return loadAttack('fgsm');
    },
  });
  const { plugins, refused } = await registry.find();
  expect(plugins.find(({ manifest }) => manifest.name === 'x')?.origin).toBe('installed');
  expect(plugins.find(({ manifest }) => manifest.name === 'bim')?.origin).toBe('built-in');
  expect(refused).toMatchObject([{ findings: [{ message: "'bim' is taken by another attack" }] }]);
  await registry.open('attack', 'x');
  await registry.open('attack', 'bim');
  expect(opened).toEqual(['p']);
  await expect(registry.open('defense', 'fgsm')).rejects.toThrow(
    /no defense is called 'fgsm' \(it is another kind: attack\); there are: /,
  );
  await expect(createRegistry({ installed: places() }).open('attack', 'x')).rejects.toThrow(
    "can't be run here",
  );
});
