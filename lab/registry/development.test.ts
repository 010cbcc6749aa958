import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findInDevelopment, nextChange } from './development.ts';
import { loadAttack } from './plugins.ts';
import { createRegistry } from './registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-development-'));
});
afterEach(() => rm(folder, { recursive: true }));

const manifest = (name: string) => ({
  name: 'p',
  version: '1.0.0',
  halftone: { apiVersion: 1, kind: 'attack', name, entry: './index.ts' },
});
const write = (content: unknown) => writeFile(join(folder, 'package.json'), JSON.stringify(content));

test('a plugin in development stands before all others of its name', async () => {
  await write(manifest('bim'));
  const opened: string[] = [];
  const open = async ({ manifest: { packageName } }: { manifest: { packageName: string } }) => {
    opened.push(packageName);
    return loadAttack('fgsm');
  };
  const registry = createRegistry({ development: { folder, open } });
  const found = (await registry.find()).plugins.filter(({ manifest: { name } }) => name === 'bim');
  expect(found).toMatchObject([{ origin: 'development', manifest: { packageName: 'p' } }]);
  await registry.open('attack', 'bim');
  expect(opened).toEqual(['p']);
  await write({ ...manifest('bim'), version: 'x' });
  await expect(registry.open('attack', 'fgsm')).rejects.toThrow('version: a version such as 1.0.0');
  await expect(findInDevelopment(join(folder, 'no'))).rejects.toMatchObject({ code: 'not-found' });
});

test('a change is waited for until it is over; installed packages are none', async () => {
  await mkdir(join(folder, 'node_modules'));
  const abort = new AbortController();
  let changed = false;
  const waiting = nextChange(folder, abort.signal).then(() => {
    changed = true;
  });
  await writeFile(join(folder, 'node_modules', 'a.js'), '1');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(changed).toBe(false);
  await writeFile(join(folder, 'index.ts'), '2');
  await waiting;
  const cancelled = nextChange(folder, abort.signal);
  abort.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
});
