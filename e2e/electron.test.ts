import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedElectron, noWindowHere } from '../server/desktop.ts';
import { root } from './root.ts';

const program = await installedElectron(root);
const noWindow = noWindowHere({ platform: process.platform, env: process.env, uid: process.getuid?.() });
const missing = program === undefined ? "Electron's binary is not installed" : noWindow;

describe.skipIf(missing !== undefined)(`the desktop${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  let desktop: ElectronApplication;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-desktop-'));
    desktop = await electron.launch({
      executablePath: program!,
      args: [root, `--user-data-dir=${join(folder, 'profile')}`],
      env: { ...process.env, HALFTONE_DATA: join(folder, 'data') } as Record<string, string>,
    });
    page = await desktop.firstWindow();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.locator('main').waitFor();
  });
  afterAll(async () => {
    await desktop?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows the lab, whose process answers', async () => {
    await page.evaluate(() => {
      window.location.hash = '/settings';
    });
    await page.getByRole('rowheader', { name: 'cpu', exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('gives the page the bridge and nothing of Node', async () => {
    const seen = await page.evaluate(() => ({
      bridge: Object.keys(window.halftoneDesktop ?? {}).sort(),
      node: typeof (globalThis as { require?: unknown }).require,
    }));
    expect(seen.node).toBe('undefined');
    expect(seen.bridge).toEqual(
      ['choosePath', 'onCommand', 'openRunFile', 'printRunFile', 'requestLab', 'saveRunFile'].sort(),
    );
    const answer = await page.evaluate(() =>
      window.halftoneDesktop!.openRunFile({ id: '..', path: 'report.html' }),
    );
    expect(answer.error).toMatch(/no path in a run's folder/);
  });

  it('goes where the menu says', async () => {
    await desktop.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('go.Models')?.click());
    await page.getByRole('heading', { name: 'Models' }).waitFor();
  });

  it('leaves its own pages for no other', async () => {
    const opened = await page.evaluate(() => window.open('https://example.org/') === null);
    expect(opened).toBe(true);
    expect(await page.evaluate(() => fetch('https://example.org/').then(String, () => 'refused'))).toBe(
      'refused',
    );
    complaints.length = 0;
  });

  it('starts the lab’s process again when it was killed', async () => {
    await desktop.evaluate(({ app }) => {
      const lab = app.getAppMetrics().find(({ name }) => name === 'Halftone lab');
      if (lab) process.kill(lab.pid);
    });
    await page.evaluate(() => {
      window.location.hash = '/models';
    });
    await page.getByRole('button', { name: /mnist-a/ }).waitFor();
  });
});
