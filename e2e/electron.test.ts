import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLab } from '../lab/lab.ts';
import { installedElectron, noWindowHere } from '../server/desktop.ts';
import { root } from './root.ts';

const program = await installedElectron(root);
const noWindow = noWindowHere({ platform: process.platform, env: process.env, uid: process.getuid?.() });
const missing = program === undefined ? "Electron's binary is not installed" : noWindow;

/** A run of two images with its sheets and its report, made before the desktop opens. */
async function makeRun(dataDir: string): Promise<string> {
  const lab = createLab({ dataDir });
  const attacks = [{ attack: 'fgsm', set: { epsilon: '0.1' } }];
  const { id } = await lab.createRun({
    recipe: { name: 'two', model: 'mnist-c', data: { set: 'mnist', count: 2 }, attacks },
  });
  await lab.startRun({ id, until: 'sheets' });
  for (let since = 0, active = true; active; ) {
    const { jobs, version } = await lab.watch({ since });
    active = jobs.some(({ state }) => state === 'running' || state === 'queued');
    since = version;
  }
  await lab.reportRun({ id });
  await lab.close();
  return id;
}

describe.skipIf(missing !== undefined)(`the desktop${missing ? ` (${missing})` : ''}`, () => {
  let folder: string;
  let desktop: ElectronApplication;
  let page: Page;
  let run: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-desktop-'));
    run = await makeRun(join(folder, 'data'));
    desktop = await electron.launch({
      executablePath: program!,
      args: [root, `--user-data-dir=${join(folder, 'profile')}`, '--use-fake-device-for-media-stream'],
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
      [
        ...['choosePath', 'onCommand', 'openRunFile', 'openRunFolder', 'printRunFile'],
        ...['requestLab', 'saveRunFile'],
      ].sort(),
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

  it('runs nothing that is written into its page', async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return 'ran' in window;
    });
    expect(ran).toBe(false);
    expect(complaints.splice(0).join()).toContain('Content Security Policy');
  });

  it('gives the page the camera and the clipboard, and no microphone', async () => {
    const given = await page.evaluate(async () => {
      const ask = (media: MediaStreamConstraints) =>
        navigator.mediaDevices.getUserMedia(media).then(
          (stream) => stream.getTracks().map(({ kind }) => kind),
          (error: Error) => error.name,
        );
      const written = await navigator.clipboard.writeText('a').then(
        () => 'written',
        (error: Error) => error.name,
      );
      return { camera: await ask({ video: true }), microphone: await ask({ audio: true }), written };
    });
    expect(given).toEqual({ camera: ['video'], microphone: 'NotAllowedError', written: 'written' });
  });

  it('opens a run’s sheets in a window of their own, without the bridge', async () => {
    const opening = desktop.waitForEvent('window');
    const path = 'sheets/sheets.pdf';
    expect(
      await page.evaluate((file) => window.halftoneDesktop!.openRunFile(file), { id: run, path }),
    ).toEqual({});
    const sheets = await opening;
    expect(sheets.url()).toMatch(/^file:.*sheets\.pdf$/);
    expect(await sheets.evaluate(() => 'halftoneDesktop' in window)).toBe(false);
    await sheets.close();
  });

  it('saves a report as a PDF where the person says', async () => {
    const target = join(folder, 'report.pdf');
    await desktop.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
    }, target);
    const file = { id: run, path: 'report.html', name: 'report.pdf' };
    expect(await page.evaluate((asked) => window.halftoneDesktop!.saveRunFile(asked), file)).toEqual({
      path: target,
    });
    expect((await readFile(target)).subarray(0, 5).toString()).toBe('%PDF-');
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
