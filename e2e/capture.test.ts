import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { careful } from '../lab/vision/channel/views.ts';
import { simulateFolder } from '../lab/vision/node/simulate-folder.ts';
import { describeInBrowser, type LabInBrowser, openLab, seriousFindings } from './harness.ts';

/** Drops what lies at some paths, folders too, on the middle of the window: as the system hands it over. */
async function drop(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize()!;
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  }
}

/** A window before a camera that some program of the page's own making gives or refuses. */
async function visitWith(lab: LabInBrowser, prepare: () => void): Promise<Page> {
  const page = await lab.visit({ camera: true });
  await page.evaluate(prepare);
  return page;
}

describeInBrowser('photographs', () => {
  let lab: LabInBrowser;
  let folder: string;
  let id: string;
  let path: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-photographs-'));
    lab = await openLab({ camera: 'pattern' });
    const attacks = [{ attack: 'fgsm', set: { epsilon: '0.3' } }];
    const recipe = { name: 'dropped', model: 'mnist-c', data: { set: 'mnist', count: 3 }, attacks };
    ({ id } = await lab.lab.createRun({ recipe }));
    path = `/capture?run=${id}`;
    await lab.lab.startRun({ id, until: 'sheets' });
    for (let since = 0, active = true; active; ) {
      const { jobs, version } = await lab.lab.watch({ since });
      active = jobs.some(({ state }) => state === 'running' || state === 'queued');
      since = version;
    }
    const [taken] = await simulateFolder({
      path: join((await lab.lab.openRun({ id })).folder, 'sheets', 'sheet-1.json'),
      out: folder,
      camera: 'webcam-1080p',
      printer: 'office-laser',
      views: 1,
      ranges: { ...careful, angle: 8, glare: 0 },
      seed: 3,
    });
    await mkdir(join(folder, 'phone', 'more'), { recursive: true });
    const jpeg = await sharp(taken!.frame).jpeg({ quality: 92 }).toBuffer();
    await writeFile(join(folder, 'phone', 'more', 'good.jpg'), jpeg);
    await writeFile(join(folder, 'phone', 'cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
    const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), jpeg]);
    await writeFile(join(folder, 'phone', 'IMG_1.HEIC'), heic);
    await writeFile(join(folder, 'phone', '.hidden'), '');
    await copyFile(taken!.truth, join(folder, 'notes.txt'));
  });
  afterAll(async () => {
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are dropped as they come, a folder of them too, and each says what became of it', async () => {
    const page = await lab.visit({ path, camera: true });
    await page.locator('video').waitFor();
    await drop(page, [join(folder, 'phone'), join(folder, 'notes.txt')]);
    await page.getByText('no picture: notes.txt').waitFor();
    await page.getByRole('button', { name: /^Photograph good-/ }).waitFor();
    await page.getByText(/^cut-\w+\.jpg: not an image that can be decoded/).waitFor();
    await page.getByText(/^IMG_1-\w+\.heic: HEIC photographs need the package/).waitFor();
    expect(await lab.lab.listCaptures({ id })).toHaveLength(3);
    await page.getByRole('button', { name: /^Photograph good-/ }).click();
    await page.getByRole('img', { name: /^The photograph good-/ }).waitFor();
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('and all around them pass axe in the dark theme too', async () => {
    const page = await lab.visit({ path, camera: true, theme: 'dark' });
    await page.getByRole('button', { name: /^Photograph good-/ }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: /Print/ }).click();
    await page.getByRole('button', { name: 'Save PDF' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('link', { name: /Measure/ }).click();
    await page.getByRole('table').first().getByText('%').first().waitFor();
    await page.getByRole('listbox').getByRole('option').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Simulate print and camera' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('come from a camera that another program lets go of', async () => {
    const page = await visitWith(lab, () => {
      const media = navigator.mediaDevices;
      const open = media.getUserMedia.bind(media);
      media.getUserMedia = async (constraints) => {
        if (!('free' in window)) throw new DOMException('Could not start video source', 'NotReadableError');
        return open(constraints);
      };
    });
    await page.evaluate((hash) => {
      window.location.hash = hash;
    }, path);
    await page.getByText(/can’t be opened/).waitFor();
    await page.getByText(/Another program may be using it/).waitFor();
    await page.evaluate(() => {
      Object.assign(window, { free: true });
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await page.locator('video').waitFor();
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('can be dropped where the page may have no camera', async () => {
    const page = await visitWith(lab, () => {
      Object.defineProperty(window, 'isSecureContext', { value: false });
      Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
    });
    await page.evaluate((hash) => {
      window.location.hash = hash;
    }, path);
    await page.getByText(/cameras only to pages of this machine/).waitFor();
    await page.getByText(/127\.0\.0\.1 or localhost/).waitFor();
    await drop(page, [join(folder, 'phone', 'more', 'good.jpg')]);
    await page.getByRole('button', { name: /^Photograph good-/ }).waitFor();
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('are the same bytes for whoever takes them away', async () => {
    const [taken] = (await lab.lab.listCaptures({ id })).filter(({ sheet }) => sheet === 1);
    const kept = await lab.lab.runFile({ id, path: taken!.file });
    expect(Buffer.from(kept).equals(await readFile(join(folder, 'phone', 'more', 'good.jpg')))).toBe(true);
  });
});
