import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { idle } from '../lab/services/testing.ts';
import { describeInBrowser, eventually, type LabInBrowser, openLab } from './harness.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describeInBrowser('a gallery', () => {
  let lab: LabInBrowser;
  let id: string;
  let page: Page;
  beforeAll(async () => {
    lab = await openLab();
    const attacks = [{ attack: 'fgsm', set: { epsilon: '0.1' } }];
    ({ id } = await lab.lab.createRun({
      recipe: { name: 'many', model: 'mnist-c', data: { set: 'mnist', count: 80 }, attacks },
    }));
    await lab.lab.startRun({ id, until: 'examples' });
    await idle(lab.lab);
    page = await lab.visit({ path: `/bench?run=${id}`, width: 1024, height: 700 });
  });
  afterAll(() => lab?.close());

  /** What is drawn: of each image in sight its number and the red of its source's pixels. */
  const drawn = () =>
    page.locator('[role=option]').evaluateAll((cells) =>
      cells.map((cell) => {
        const number = Number(cell.getAttribute('aria-posinset')) - 1;
        const canvas = cell.querySelector('canvas')!;
        if (!canvas.checkVisibility()) return { number, reds: '' };
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return { number, reds: [...data].filter((_, i) => i % 4 === 0).join() };
      }),
    );
  const file = async (number: number) => {
    const path = join(
      (await lab.lab.openRun({ id })).folder,
      'images',
      'clean',
      `${String(number).padStart(4, '0')}.png`,
    );
    return md5([...(await sharp(path).greyscale().raw().toBuffer())].join());
  };

  it('shows each image as itself, also after others flew by in its place', async () => {
    const list = page.getByRole('listbox');
    await list.waitFor();
    for (const part of [0.9, 0.1, 1, 0.3, 0.55]) {
      await list.evaluate((scroller, to) => {
        scroller.scrollTop = to * (scroller.scrollHeight - scroller.clientHeight);
      }, part);
      await page.waitForTimeout(30);
    }
    await eventually(async () => (await drawn()).filter(({ reds }) => reds === '').length).toBe(0);
    const shown = await drawn();
    expect(shown.length).toBeGreaterThan(6);
    expect(Math.min(...shown.map(({ number }) => number))).toBeGreaterThan(10);
    for (const { number, reds } of shown) expect(md5(reds), `image ${number}`).toBe(await file(number));
    expect(lab.complaints).toEqual([]);
  });

  it('brings the image that is walked to into sight', async () => {
    await page.getByRole('listbox').focus();
    await page.keyboard.press('End');
    const last = page.locator('[role=option][aria-posinset="80"]');
    await last.waitFor();
    expect(await last.getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Home');
    await page.locator('[role=option][aria-posinset="1"][aria-selected="true"]').waitFor();
  });
});
