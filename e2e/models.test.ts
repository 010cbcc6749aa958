import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { writeModel } from '../lab/graph/index.ts';
import { meanColourModel, SCALE } from '../lab/testing.ts';
import { describeInBrowser, type LabInBrowser, openLab } from './harness.ts';

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
});
