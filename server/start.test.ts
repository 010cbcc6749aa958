import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCommand } from './browser.ts';
import { isStale } from './build.ts';
import { findDesktop, installedElectron, noWindowHere, runDesktop } from './desktop.ts';
import { keptToken } from './token.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-start-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the desktop window', () => {
  it('needs a display on Linux, and a user who is not root', () => {
    expect(noWindowHere({ platform: 'linux', env: {}, uid: 1000 })).toMatch(/display/);
    expect(noWindowHere({ platform: 'linux', env: { WAYLAND_DISPLAY: 'w' }, uid: 0 })).toMatch(/root/);
    expect(noWindowHere({ platform: 'linux', env: { DISPLAY: ':0' }, uid: 1000 })).toBeUndefined();
    expect(noWindowHere({ platform: 'win32', env: {}, uid: undefined })).toBeUndefined();
    expect(noWindowHere({ platform: 'darwin', env: {}, uid: 501 })).toBeUndefined();
  });

  it('needs the binary that Electron’s package names', async () => {
    const folder = join(root, 'node_modules', 'electron');
    await mkdir(join(folder, 'dist'), { recursive: true });
    expect(await installedElectron(root)).toBeUndefined();
    await writeFile(join(folder, 'path.txt'), 'electron');
    expect(await installedElectron(root)).toBeUndefined();
    await writeFile(join(folder, 'dist', 'electron'), '');
    expect(await installedElectron(root)).toBe(join(folder, 'dist', 'electron'));
  });

  it('is fetched by Electron’s own installer where its source answers, else done without', async () => {
    const folder = join(root, 'node_modules', 'electron');
    await mkdir(join(folder, 'dist'), { recursive: true });
    const source = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => {
      source.listen(0, '127.0.0.1', resolve);
    });
    const mirror = `http://127.0.0.1:${(source.address() as AddressInfo).port}`;
    const machine = {
      platform: 'linux',
      env: { DISPLAY: ':0', ELECTRON_MIRROR: mirror },
      uid: 1000,
    } as const;
    const said: string[] = [];
    const find = () => findDesktop(root, (line) => said.push(line), machine);

    await writeFile(join(folder, 'install.js'), 'console.error("no space left"); process.exit(1);');
    expect(await find()).toEqual({ reason: "Electron's binary could not be fetched: no space left" });
    const unpack = `const fs = require('fs'); fs.writeFileSync(__dirname + '/dist/electron', '');`;
    await writeFile(
      join(folder, 'install.js'),
      `${unpack} fs.writeFileSync(__dirname + '/path.txt', 'electron');`,
    );
    expect(await find()).toEqual({ program: join(folder, 'dist', 'electron') });
    expect(said).toHaveLength(2);

    source.close();
    await rm(join(folder, 'path.txt'));
    expect(await find()).toEqual({
      reason: `Electron's binary is not installed and ${mirror} can't be reached`,
    });
  });

  it('that can’t start is told with its last words', async () => {
    await writeFile(join(root, 'package.json'), '{"type": "module"}');
    await writeFile(join(root, 'index.js'), 'console.error("libnss3.so: not found"); process.exit(127);');
    const where = { root, dataDir: root };
    expect(await runDesktop(process.execPath, where)).toEqual({ startedBadly: 'libnss3.so: not found' });
    await writeFile(join(root, 'index.js'), '');
    expect(await runDesktop(process.execPath, where)).toEqual({});
    expect((await runDesktop(join(root, 'missing'), where)).startedBadly).toMatch(/ENOENT/);
  });
});

describe('the built interface', () => {
  it('is stale when it is missing or older than a source', async () => {
    expect(await isStale(root)).toBe(true);
    await mkdir(join(root, 'out', 'renderer'), { recursive: true });
    await mkdir(join(root, 'renderer', 'pages'), { recursive: true });
    const page = join(root, 'renderer', 'pages', 'A.vue');
    await writeFile(page, '');
    const built = join(root, 'out', 'renderer', 'index.html');
    await writeFile(built, '');
    const later = Date.now() / 1000 + 60;
    await utimes(built, later, later);
    expect(await isStale(root)).toBe(false);
    await utimes(page, later + 60, later + 60);
    expect(await isStale(root)).toBe(true);
  });
});

it('the token of a folder stays, and is its owner’s alone', async () => {
  const token = await keptToken(join(root, 'data'));
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(await keptToken(join(root, 'data'))).toBe(token);
  const file = join(root, 'data', 'web-token');
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, 'short');
  expect(await keptToken(join(root, 'data'))).not.toBe('short');
});

describe('the browser', () => {
  it('gets the address as one argument, on every platform', () => {
    const url = 'http://127.0.0.1:1/#token=a&b';
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      expect(openCommand(platform, url).at(-1)).toBe(url);
    }
  });
});
