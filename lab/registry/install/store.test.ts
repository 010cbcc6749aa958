import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Attack, seeded, type TransformDefense } from '@halftone/sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import niFgsm from '../../../fixtures/plugins/ni-fgsm/index.ts';
import randomShift from '../../../fixtures/plugins/random-shift/index.ts';
import { runAttack } from '../attack-host.ts';
import { smallRequest } from '../isolated/testing.ts';
import { createRegistry } from '../registry.ts';
import { behindStages, stageOf } from '../stages.ts';
import { loadTensors } from '../tensors.ts';
import { installedIn, PluginStore, type StoreOptions } from './index.ts';
import { attackSource, makeArchive, packageText } from './testing.ts';

vi.setConfig({ testTimeout: 120_000 });

const fixtures = fileURLToPath(new URL('../../../fixtures/plugins/', import.meta.url));
const example = join(fixtures, 'halftone-attack-ni-fgsm-1.0.0.tgz');
let root: string;
let folder: string;
let store: PluginStore;
let server: Server | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-store-'));
  folder = join(root, 'plugins');
  store = new PluginStore({ folder });
});
afterEach(async () => {
  store.close();
  server?.close();
  server = undefined;
  await rm(root, { recursive: true });
});

/** A folder with a plugin that does nothing. */
async function put(
  name: string,
  changes: object = {},
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const path = join(root, 'sources', name);
  await mkdir(path, { recursive: true });
  const all = { 'package.json': packageText(name, changes), 'index.js': attackSource(name), ...files };
  for (const [file, text] of Object.entries(all)) {
    await mkdir(join(path, file, '..'), { recursive: true });
    await writeFile(join(path, file), text);
  }
  return path;
}

async function install(spec: string, options?: Partial<StoreOptions>): Promise<void> {
  if (options !== undefined) store = new PluginStore({ folder, ...options });
  await (await store.add(spec)).accept();
}

/** What lies in the store's folder, hidden things included. */
const contents = async () => (await readdir(folder)).sort();

test('the packed attack installs, and gives what it gives in this process', async () => {
  const candidate = await store.add(example);
  expect(candidate).toMatchObject({
    manifest: { name: 'ni-fgsm', version: '1.0.0', kind: 'attack', access: 'white-box' },
    files: 3,
    dependencies: [],
  });
  expect(await store.list()).toEqual([]);
  await candidate.accept();
  const registry = createRegistry(installedIn(store, folder));
  const attack = await registry.open('attack', 'ni-fgsm');
  const request = { ...smallRequest(), parameters: { epsilon: 0.1, steps: 4 }, batch: 2 };
  const isolated = await runAttack({ ...request, attack });
  const here = await runAttack({ ...request, attack: niFgsm as unknown as Attack });
  expect(isolated.parameters).toEqual({ epsilon: 0.1, steps: 4, momentum: 1, alpha: 0.025 });
  expect(isolated).toEqual(here);
});

test('the packed defence installs, and gradients go back through it', async () => {
  await install(join(fixtures, 'halftone-defense-random-shift-1.2.0.tgz'));
  const registry = createRegistry(installedIn(store, folder));
  const request = smallRequest();
  const { tf } = await loadTensors();
  const isolated = (await registry.open('defense', 'random-shift')) as TransformDefense;
  const question = {
    images: request.images,
    labels: Int32Array.of(0, 1, 2, 0),
    loss: { kind: 'cross-entropy' },
  } as const;
  const ask = (defense: unknown) => {
    const stage = stageOf(defense as TransformDefense, { reach: 1 });
    return behindStages(request.classifier, [stage], { tf, random: seeded(1) }).gradient(question);
  };
  const through = await ask(isolated);
  expect(through).toEqual(await ask(randomShift));
  expect(through.gradients).not.toEqual((await request.classifier.gradient(question)).gradients);
});

test('a plugin is put away, brought back, disabled and enabled', async () => {
  await install(await put('one'));
  const registry = createRegistry(installedIn(store, folder));
  await store.disable('one');
  expect(await store.list()).toMatchObject([{ name: 'one', enabled: false }]);
  await expect(registry.open('attack', 'one')).rejects.toThrow("no attack is called 'one'");
  await store.enable('one');
  expect((await registry.open('attack', 'one')).title).toBe('Test');
  await store.remove('one');
  expect(await store.list()).toEqual([]);
  await expect(store.info('one')).rejects.toThrow("no installed plugin is called 'one'; there are: none");
  await store.restore('one');
  expect(await store.info('one')).toMatchObject({ name: 'one', enabled: true, record: { files: 2 } });
});

test('an update brings what the source holds now, and the version before can come back', async () => {
  const source = await put('one');
  await install(source);
  await put('one', { version: '1.1.0' });
  const candidate = await store.update('one');
  expect(candidate).toMatchObject({ replaces: '1.0.0', manifest: { version: '1.1.0' } });
  await candidate.accept();
  expect((await store.info('one')).manifest?.version).toBe('1.1.0');
  await put('one', {}, { 'index.js': 'export default 1' });
  await expect((await store.update('one')).accept()).rejects.toThrow("can't be loaded");
  expect((await store.info('one')).manifest?.version).toBe('1.1.0');
  await store.restore('one');
  expect((await store.info('one')).manifest?.version).toBe('1.0.0');
});

test('files that were changed or added after the installation are not run', async () => {
  await install(await put('one'));
  await writeFile(join(folder, 'one', 'extra.js'), '');
  const registry = createRegistry(installedIn(store, folder));
  await expect(registry.open('attack', 'one')).rejects.toThrow(
    "'one': its files are not those that were installed",
  );
  await rm(join(folder, 'one', 'extra.js'));
  await writeFile(join(folder, 'one', 'index.js'), `${attackSource('one')}\n`);
  await expect(registry.open('attack', 'one')).rejects.toThrow('not those that were installed');
  await writeFile(join(folder, 'one', 'index.js'), attackSource('one'));
  expect((await registry.open('attack', 'one')).name).toBe('one');
});

test.each<[string, object, Record<string, string>, RegExp]>([
  [
    'of a built-in attack',
    { halftone: { apiVersion: 1, kind: 'attack', name: 'fgsm', entry: './index.js' } },
    {},
    /Halftone's own attack is called 'fgsm'/,
  ],
  [
    'that is no plugin',
    { halftone: undefined },
    {},
    /is no plugin: halftone: package.json has no 'halftone' key/,
  ],
  [
    'whose entry is missing',
    { halftone: { apiVersion: 1, kind: 'attack', name: 'bad', entry: './other.js' } },
    {},
    /names \.\/other\.js, which isn't among its files/,
  ],
  [
    'whose dependency is a path',
    { dependencies: { evil: 'file:../../..' } },
    {},
    /"evil@file:\.\.\/\.\.\/\.\." is no version at a registry/,
  ],
  [
    'whose dependency is an address',
    { dependencies: { evil: 'git+ssh://host/x' } },
    {},
    /no version at a registry/,
  ],
  ['that brings a record', {}, { '.halftone-install.json': '{}' }, /not its to bring/],
])('a package %s is refused and leaves nothing', async (_, changes, files, message) => {
  const source = await put('bad', changes, files);
  await expect(store.add(source)).rejects.toThrow(message);
  expect(await contents()).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ['throws when it loads', 'throw new Error("boom")', /can't be loaded: boom/],
  [
    'asks for other access than its manifest says',
    attackSource('bad'),
    /asks for decision access, its manifest says score/,
  ],
  ['is another', attackSource('other'), /it defines 'other', its manifest says 'bad'/],
  [
    'steers the terminal',
    attackSource('bad').replace("title: 'Test'", "title: 'Test\\u001b[2J'"),
    /control characters/,
  ],
])('a plugin that %s is not installed', async (_, code, message) => {
  const halftone = { apiVersion: 1, kind: 'attack', name: 'bad', entry: './index.js', access: 'score' };
  const candidate = await store.add(await put('bad', { halftone }, { 'index.js': code }));
  await expect(candidate.accept()).rejects.toThrow(message);
  expect(await contents()).toEqual([]);
});

test('what a killed install left is cleared away, a killed update is finished', async () => {
  await install(await put('one'));
  await mkdir(join(folder, '.staging-999999999-0a', 'package'), { recursive: true });
  await mkdir(join(folder, '.incoming'));
  await rename(join(folder, 'one'), join(folder, '.incoming', 'one'));
  expect((await store.info('one')).manifest?.version).toBe('1.0.0');
  expect(await contents()).toEqual(['.incoming', 'one']);
});

test('no script runs, and nothing in the package steers npm', async () => {
  const npm = join(root, 'npm.mjs');
  const record = join(root, 'npm.json');
  const code = `#!${process.execPath}
    import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(record)}, JSON.stringify({ args: process.argv.slice(2), files: readdirSync('.') }));
    mkdirSync('node_modules/left', { recursive: true });
    writeFileSync('node_modules/left/package.json', '{"name":"left","version":"1.0.0","main":"index.cjs"}');
    writeFileSync('node_modules/left/index.cjs', 'exports.title = "From a dependency"');`;
  await writeFile(npm, code);
  await chmod(npm, 0o755);
  const ran = join(root, 'ran');
  const scripts = {
    preinstall: `touch ${ran}`,
    install: `touch ${ran}`,
    postinstall: `touch ${ran}`,
    prepare: `touch ${ran}`,
  };
  const index = attackSource('one').replace("title: 'Test'", 'title: left.title');
  const source = await put(
    'one',
    { scripts, dependencies: { left: '^1.0.0', '@halftone/sdk': '*' } },
    { 'index.js': `import left from 'left';\n${index}`, '.npmrc': 'git=./evil.sh' },
  );
  store = new PluginStore({ folder, npm });
  const candidate = await store.add(source);
  expect(candidate.scripts).toEqual(['preinstall', 'install', 'postinstall', 'prepare']);
  expect(candidate.dependencies).toEqual([{ name: 'left', range: '^1.0.0', bundled: false }]);
  await candidate.accept();
  const { args, files } = JSON.parse(await readFile(record, 'utf8'));
  expect(args).toEqual(expect.arrayContaining(['install', '--ignore-scripts', '--no-bin-links']));
  expect(files).toEqual(['package.json']);
  await expect(readFile(ran)).rejects.toThrow();
  const attack = await createRegistry(installedIn(store, folder)).open('attack', 'one');
  expect(attack.title).toBe('From a dependency');
});

test('dependencies that come with the package are taken, and without npm others are asked to', async () => {
  const left = {
    'node_modules/left/package.json': '{"name":"left","version":"1.0.0"}',
    'node_modules/left/index.js': 'exports.a = 1',
  };
  const dependencies = { left: '1.0.0' };
  const bundled = await put('one', { dependencies, bundleDependencies: ['left'] }, left);
  store = new PluginStore({ folder, npm: join(root, 'no-npm') });
  const candidate = await store.add(bundled);
  expect(candidate).toMatchObject({ files: 4, dependencies: [{ name: 'left', bundled: true }] });
  await candidate.discard();
  const bare = await put('two', { dependencies }, left);
  await expect(store.add(bare)).rejects.toThrow(/needs left, and npm, which would install them, isn't here/);
  expect(await contents()).toEqual([]);
});

test('a name is looked up at the registry, and what it sends must be what it announced', async () => {
  const archive = makeArchive([
    { path: 'package/package.json', content: packageText('one') },
    { path: 'package/index.js', content: attackSource('one') },
  ]);
  const integrity = (bytes: Uint8Array) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  let announced = integrity(archive);
  const listening = createServer((request, response) => {
    const { port } = listening.address() as { port: number };
    if (request.url === '/one.tgz') return response.end(archive);
    if (request.url !== '/halftone-attack-one') return response.writeHead(404).end('{}');
    const dist = { tarball: `http://127.0.0.1:${port}/one.tgz`, integrity: announced };
    const version = { ...JSON.parse(packageText('one')), dist };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name: version.name,
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': version },
      }),
    );
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as { port: number };
  await install('halftone-attack-one', { registry: `http://127.0.0.1:${port}/` });
  expect((await store.info('one')).record).toMatchObject({
    source: 'halftone-attack-one',
    resolved: `http://127.0.0.1:${port}/one.tgz`,
  });
  await store.remove('one');
  announced = integrity(Buffer.from('another'));
  await expect(store.add('halftone-attack-one')).rejects.toThrow(/can't be fetched: .*integrity/i);
  await expect(store.add('halftone-attack-two')).rejects.toMatchObject({ code: 'not-found' });
});

const hasGit = (() => {
  try {
    return execFileSync('git', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

test.skipIf(!hasGit)('a git address is cloned at a commit that is noted', async () => {
  const source = await put('one', { scripts: { prepare: 'exit 1' } });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', source, '-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args]);
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  const commit = git('rev-parse', 'HEAD').toString().trim();
  await install(`git+file://${source}`);
  expect((await store.info('one')).record).toMatchObject({
    resolved: `git+file://${source}#${commit}`,
    files: 2,
  });
});
