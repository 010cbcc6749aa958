import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeModel } from '../lab/graph/index.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { meanColourModel, SCALE } from '../lab/testing.ts';
import { build, isStale } from '../server/build.ts';
import { serveWeb, type WebHost } from '../server/web.ts';
import { findChromium, launchChromium } from './browser.ts';
import { root } from './sources.ts';

const chromium = findChromium();
const card = { name: 'Mean colour', input: { height: 8, width: 8 }, classes: ['red', 'green', 'blue'] };
let folder: string;
let dataDir: string;

beforeAll(async () => {
  if (await isStale(root)) await build(root);
  folder = await mkdtemp(join(tmpdir(), 'halftone-e2e-'));
  dataDir = join(folder, 'data');
  await mkdir(join(dataDir, 'models'), { recursive: true });
  const model = writeModel(meanColourModel());
  await writeFile(join(dataDir, 'models', 'mean.onnx'), model);
  await writeFile(join(dataDir, 'models', 'mean.json'), JSON.stringify(card));
  await writeFile(join(folder, 'second.onnx'), model);
  await writeFile(join(folder, 'damaged.onnx'), model.subarray(0, 40));
  const colour = { r: 255, g: 51, b: 0 };
  const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: colour } });
  await picture.png().toFile(join(folder, 'red.png'));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the lab’s process', () => {
  it('answers through the port that the shell hands it', () => {
    const script = join(root, 'scripts', 'lab-process.fake.mjs');
    const file = pathToFileURL(join(root, 'electron', 'lab-process.ts')).href;
    const said = execFileSync(process.execPath, [script, file, dataDir, root], { encoding: 'utf8' });
    const { about, doctor } = JSON.parse(said);
    expect(about).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), dataDir });
    expect(doctor.providers).toContainEqual(expect.objectContaining({ name: 'cpu', available: true }));
  });
});

describe.skipIf(chromium === undefined)(
  `the lab in a browser${chromium ? '' : ' (no Chromium on the PATH)'}`,
  () => {
    let lab: Lab;
    let host: WebHost;
    let browser: Browser;
    let page: Page;
    let complaints: string[];

    beforeAll(async () => {
      lab = createLab({ dataDir, root });
      host = await serveWeb({ lab, files: join(root, 'out', 'renderer') });
      browser = await launchChromium(chromium!);
    });
    afterAll(async () => {
      await browser?.close();
      await host?.close();
      await lab?.close();
    });
    beforeEach(async () => {
      page = await browser.newPage({ viewport: { width: 1024, height: 700 } });
      complaints = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
    });
    afterEach(() => page.close());

    const classify = (file: string) =>
      page.locator('section input[type=file]').setInputFiles(join(folder, file));
    const addModel = (file: string) =>
      page.locator('.page-head input[type=file]').setInputFiles(join(folder, file));

    it('lists models, classifies an image, adds a model', async () => {
      await page.goto(host.url);
      await page.getByRole('button', { name: 'Mean colour' }).click();
      expect(page.url()).not.toContain('token');

      await classify('red.png');
      const best = page.getByRole('listitem').filter({ hasText: '%' }).first();
      await best.waitFor();
      const shares = [1, 0.2, 0].map((mean) => Math.exp(SCALE * mean));
      const confidence = shares[0]! / shares.reduce((a, b) => a + b);
      expect(await best.textContent()).toMatch(new RegExp(`red\\s*${(100 * confidence).toFixed(1)}%`));

      await addModel('second.onnx');
      await page.getByRole('button', { name: 'second', pressed: true }).waitFor();
      await page.getByText('class 0').waitFor();
      expect(complaints).toEqual([]);
    });

    it('says in place what is wrong with a file', async () => {
      await page.goto(host.url);
      await page.getByRole('button', { name: 'Mean colour' }).waitFor();
      await addModel('damaged.onnx');
      await page.getByRole('alert').filter({ hasText: 'damaged.onnx' }).waitFor();
      expect(await page.getByRole('button', { name: 'damaged' }).count()).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('shows what runs here', async () => {
      await page.goto(host.url);
      await page.getByRole('link', { name: 'Settings' }).click();
      const cpu = page
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: 'cpu', exact: true }) });
      await cpu.waitFor();
      expect(await cpu.textContent()).toMatch(/available[\s\S]*CPU, \d+ thread/);
      await page.getByRole('radio', { name: 'Dark' }).check();
      expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
      expect(complaints).toEqual([]);
    });

    it('asks for the link where the token is missing or wrong', async () => {
      for (const address of [
        `http://127.0.0.1:${host.port}/`,
        `http://127.0.0.1:${host.port}/#token=wrong`,
      ]) {
        const stranger = await browser.newContext();
        const other = await stranger.newPage();
        await other.goto(address);
        await other.getByRole('alert').filter({ hasText: 'Open the link' }).waitFor();
        await stranger.close();
      }
    });

    it('finds the lab again after it was away', async () => {
      const port = host.port;
      const token = new URL(host.url).hash.slice('#token='.length);
      await page.goto(host.url);
      await page.getByRole('button', { name: 'Mean colour' }).click();
      await host.close();
      await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor();
      host = await serveWeb({ lab, files: join(root, 'out', 'renderer'), port, token });
      await page.getByRole('alert').waitFor({ state: 'detached' });
      await classify('red.png');
      await page.getByText('red', { exact: true }).waitFor();
    });
  },
);
