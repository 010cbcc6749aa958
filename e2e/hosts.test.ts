import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeInBrowser, eventually, type LabInBrowser, openLab } from './harness.ts';
import { root } from './root.ts';

describe('the lab’s process', () => {
  it('answers through the port that the shell hands it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'halftone-process-'));
    const script = join(root, 'e2e', 'lab-process.fake.mjs');
    const file = pathToFileURL(join(root, 'electron', 'lab-process.ts')).href;
    try {
      const said = execFileSync(process.execPath, [script, file, dataDir, root], { encoding: 'utf8' });
      const { about, doctor } = JSON.parse(said);
      expect(about).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), dataDir });
      expect(doctor.providers).toContainEqual(expect.objectContaining({ name: 'cpu', available: true }));
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

describeInBrowser('the web host', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());

  it('shows what runs here, in the theme that the person chooses', async () => {
    const page = await lab.visit({ path: '/settings' });
    const cpu = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'cpu', exact: true }) });
    await cpu.waitFor();
    expect(await cpu.textContent()).toMatch(/available[\s\S]*CPU, \d+ thread/);
    await page.getByRole('radio', { name: 'Dark' }).check();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(lab.complaints).toEqual([]);
    await page.context().close();
  });

  it('asks for the link where the token is missing or wrong', async () => {
    const page = await lab.visit();
    for (const end of ['', '#token=wrong']) {
      const stranger = await page.context().browser()!.newContext();
      const other = await stranger.newPage();
      await other.goto(`http://127.0.0.1:${lab.host.port}/${end}`);
      await other.getByRole('alert').filter({ hasText: 'Open the link' }).waitFor();
      await stranger.close();
    }
    await page.context().close();
  });

  it('is found again after it was away, by every window', async () => {
    const pages = [await lab.visit({ path: '/models' }), await lab.visit({ path: '/settings' })];
    await lab.restart(async () => {
      for (const page of pages)
        await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor();
    });
    for (const page of pages) {
      await eventually(() => page.getByRole('alert').allTextContents()).toEqual([]);
      await page.context().close();
    }
  });

  it('goes where the address says, also when it says so before the first page is there', async () => {
    const page = await lab.visit();
    const other = await page.context().newPage();
    await other.route(/assets\/BenchPage-.*\.js/, async (route) => {
      await other.evaluate(() => {
        window.location.hash = '/settings';
      });
      await other.waitForTimeout(50);
      await route.continue();
    });
    await other.goto(lab.host.url);
    await other.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    expect(await other.evaluate(() => window.location.hash)).toBe('#/settings');
    await other.waitForFunction(() => document.title.startsWith('Settings'));
    await page.context().close();
  });

  it('says what became of a file that was on its way when it ended, and goes on with a run', async () => {
    const attacks = [{ attack: 'bim', set: { epsilon: '0.2', steps: 1000 } }];
    const { id } = await lab.lab.createRun({
      recipe: { name: 'slow', model: 'mnist-c', data: { set: 'mnist', count: 16 }, attacks },
    });
    await lab.lab.startRun({ id, until: 'examples' });
    const bench = await lab.visit({ path: `/bench?run=${id}` });
    await bench.locator('main').getByRole('button', { name: 'Cancel' }).waitFor();
    const models = await lab.visit({ path: '/models' });
    await models.getByRole('button', { name: /mnist-a/ }).waitFor();
    // A lab that takes its time.
    vi.spyOn(lab.lab, 'addModel').mockImplementation(() => new Promise(() => undefined));
    const file = { name: 'large.onnx', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1000) };
    await models.locator('.page-head input[type=file]').setInputFiles(file);
    await models.getByText('Reading large.onnx').waitFor();
    await lab.restart();
    await models
      .getByRole('alert')
      .filter({ hasText: 'large.onnx: the connection to the lab was lost; try again' })
      .waitFor();
    expect((await lab.lab.listModels()).filter(({ name }) => name === 'large')).toEqual([]);
    await bench.getByRole('button', { name: 'Go on' }).click();
    await bench.locator('main').getByRole('button', { name: 'Cancel' }).click();
    for (const page of [bench, models]) await page.context().close();
    lab.complaints.length = 0;
  });

  it('runs nothing that is written into a page', async () => {
    const page = await lab.visit({ path: '/settings' });
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return 'ran' in window;
    });
    expect(ran).toBe(false);
    expect(lab.complaints.splice(0).join()).toContain('Content Security Policy');
    await page.context().close();
  });
});
