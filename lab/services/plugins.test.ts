import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Lab } from '../lab.ts';
import { openTestLab, type TestLab } from './testing.ts';

let opened: TestLab;
let lab: Lab;

beforeEach(async () => {
  opened = await openTestLab();
  lab = opened.lab;
});

afterEach(() => opened.close());

/** The packed example plugins of the fixtures. */
async function packed(): Promise<{ name: string; bytes: Uint8Array }[]> {
  const folder = fileURLToPath(new URL('../../fixtures/plugins/', import.meta.url));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
}

test('a packed plugin is shown before it is accepted, then used, disabled, removed and brought back', async () => {
  const archives = await packed();
  expect(archives.length).toBeGreaterThan(0);
  for (const archive of archives) {
    const candidate = await lab.fetchPlugin({ ...archive, bytes: new Uint8Array(archive.bytes) });
    expect((await lab.listPlugins()).filter(({ origin }) => origin === 'installed')).toEqual([]);
    await lab.acceptPlugin({ token: candidate.token });
    await expect(lab.acceptPlugin({ token: candidate.token })).rejects.toThrow(/answered for already/);
    const { id } = candidate;
    // Once more: it would take the place of the one that is there.
    const again = await lab.fetchPlugin({ ...archive, bytes: new Uint8Array(archive.bytes) });
    expect(again.replaces).toBe(candidate.version);
    await lab.discardPlugin({ token: again.token });
    const own = async () => (await lab.listPlugins()).find((plugin) => plugin.id === id);
    expect(await own()).toMatchObject({ enabled: true, installed: { checksum: candidate.checksum } });
    const { choices } = await (candidate.kind === 'attack' ? lab.listAttacks() : lab.listDefenses());
    expect(choices.find(({ name }) => name === id)).toMatchObject({ origin: 'installed' });
    await lab.disablePlugin({ id });
    expect(await own()).toMatchObject({ enabled: false });
    await lab.removePlugin({ id });
    expect(await own()).toBeUndefined();
    await lab.restorePlugin({ id });
    expect(await own()).toBeDefined();
    await lab.removePlugin({ id });
  }
});

test('what is no plugin is refused with its reason, and one that is turned down leaves nothing', async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  await expect(lab.fetchPlugin({ name: 'x.tgz', bytes })).rejects.toMatchObject({ name: 'HalftoneError' });
  const [archive] = await packed();
  const { token } = await lab.fetchPlugin({ ...archive!, bytes: new Uint8Array(archive!.bytes) });
  await lab.discardPlugin({ token });
  expect((await lab.listPlugins()).every(({ origin }) => origin === 'built-in')).toBe(true);
});

test('what is being fetched can be called off', async () => {
  const asked = Promise.withResolvers<void>();
  // A registry that never answers.
  const server = createServer(() => asked.resolve());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  try {
    const fetching = lab.fetchPlugin({ source: 'halftone-attack-one' });
    fetching.catch(() => undefined);
    await asked.promise;
    await lab.cancelPluginFetch();
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' });
  } finally {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});
