import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { writeModel } from '../lab/graph/index.ts';
import { meanColourModel, SCALE } from '../lab/testing.ts';
import { describeInBrowser, type LabInBrowser, openLab, seriousFindings } from './harness.ts';

const card = { name: 'Mean colour', input: { height: 8, width: 8 }, classes: ['red', 'green', 'blue'] };

describeInBrowser('models', () => {
  let folder: string;
  let lab: LabInBrowser;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-models-'));
    const model = writeModel(meanColourModel());
    await writeFile(join(folder, 'second.onnx'), model);
    await writeFile(join(folder, 'damaged.onnx'), model.subarray(0, 40));
    const colour = { r: 255, g: 51, b: 0 };
    const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: colour } });
    await picture.png().toFile(join(folder, 'red.png'));
    lab = await openLab({
      async prepare(dataDir) {
        await mkdir(join(dataDir, 'models'), { recursive: true });
        await writeFile(join(dataDir, 'models', 'mean.onnx'), model);
        await writeFile(join(dataDir, 'models', 'mean.json'), JSON.stringify(card));
      },
    });
  });
  afterAll(async () => {
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    lab.complaints.length = 0;
    page = await lab.visit({ path: '/models', width: 1024, height: 700 });
    return () => page.context().close();
  });

  const classify = (file: string) =>
    page.locator('section input[type=file]').setInputFiles(join(folder, file));
  const addModel = (file: string) =>
    page.locator('.page-head input[type=file]').setInputFiles(join(folder, file));

  it('are listed, classify an image, and can be added', async () => {
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
    expect(lab.complaints).toEqual([]);
  });

  it('that are damaged are refused in place', async () => {
    await page.getByRole('button', { name: 'Mean colour' }).waitFor();
    await addModel('damaged.onnx');
    await page.getByRole('alert').filter({ hasText: 'damaged.onnx' }).waitFor();
    expect(await page.getByRole('button', { name: 'damaged' }).count()).toBe(0);
    expect(lab.complaints).toEqual([]);
  });

  it('that are removed by keys leave the focus with the next one', async () => {
    const own = page.getByRole('button', { name: /mean colour/i });
    await own.click();
    await page.keyboard.press('Delete');
    await page.getByText('Removed Mean colour').waitFor();
    await own.waitFor({ state: 'detached' });
    const focus = () => page.evaluate(() => document.activeElement?.getAttribute('aria-pressed'));
    expect(await focus()).toBe('true');
    await page.keyboard.press('Control+z');
    await own.waitFor();
  });
});

describeInBrowser('data sets', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());
  afterEach(() => vi.unstubAllGlobals());

  it('are fetched when a person said yes, and say why they could not be', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (address: string) => {
      asked.push(new URL(address).host);
      const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
      throw new TypeError('fetch failed', { cause });
    });
    const page = await lab.visit({ path: '/models?tab=data', width: 1024, height: 700 });
    await page.getByRole('row').filter({ hasText: 'fashion-mnist' }).click();
    const home = 'fashion-mnist.s3-website.eu-central-1.amazonaws.com';
    await page.getByText(`4 files at ${home}`).waitFor();
    await page.keyboard.press('f');
    const question = page.getByRole('dialog', { name: 'Fetch fashion-mnist?' });
    expect(await question.textContent()).toMatch(/train-images-idx3-ubyte\.gz26\.4 MB8d4fb7e6/);
    expect(await seriousFindings(page)).toEqual([]);
    await question.getByRole('button', { name: 'Don’t fetch' }).click();
    await question.waitFor({ state: 'detached' });
    expect(asked).toEqual([]);

    await page.getByRole('button', { name: 'Fetch …' }).click();
    await question.getByRole('button', { name: 'Fetch 30.9 MB' }).click();
    await page
      .getByRole('alert')
      .filter({ hasText: "can't be reached (ENOTFOUND); is this machine online?" })
      .waitFor();
    expect(asked).toEqual([home]);
    await page.getByRole('button', { name: 'Fetch …' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(lab.complaints).toEqual([]);
    await page.context().close();
  });
});
