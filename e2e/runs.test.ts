import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RecipeInput } from '../lab/api.ts';
import { describeInBrowser, eventually, type LabInBrowser, openLab } from './harness.ts';

/** Long enough to be interrupted: an iterative attack of a thousand steps. */
const slow: RecipeInput = {
  name: 'slow',
  model: 'mnist-c',
  data: { set: 'mnist', count: 16 },
  attacks: [
    { attack: 'fgsm', set: { epsilon: '0.1' } },
    { attack: 'bim', set: { epsilon: '0.2', steps: 1000 } },
  ],
};

describeInBrowser('a run', () => {
  let lab: LabInBrowser;
  let id: string;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());
  beforeEach(async () => {
    ({ id } = await lab.lab.createRun({ recipe: slow }));
    await lab.lab.startRun({ id, until: 'examples' });
  });
  afterEach(async () => {
    for (const { id: job, state } of (await lab.lab.watch({ since: 0 })).jobs) {
      if (state === 'running' || state === 'queued') await lab.lab.cancelJob({ id: job });
    }
  });

  it('is cancelled, and gone on with', async () => {
    const page = await lab.visit({ path: `/bench?run=${id}` });
    await page.locator('main').getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Not all images are made.').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.locator('main').getByRole('button', { name: 'Cancel' }).waitFor();
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('goes on while its page is reloaded, and is open afterwards', async () => {
    const page = await lab.visit({ path: `/bench?run=${id}` });
    await page.locator('main').getByRole('button', { name: 'Cancel' }).waitFor();
    await page.reload();
    expect(page.url()).toContain(id);
    await page.locator('main').getByRole('button', { name: 'Cancel' }).waitFor();
    const { jobs } = await lab.lab.watch({ since: 0 });
    expect(jobs.filter(({ subject }) => subject === id).map(({ state }) => state)).toEqual(['running']);
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('is opened from the list, at the step that is next for it', async () => {
    await lab.lab.renameRun({ id, title: 'to be opened' });
    const page = await lab.visit({ path: '/runs' });
    await page.getByRole('row').filter({ hasText: 'to be opened' }).dblclick();
    await page.waitForURL(/#\/bench\?run=/);
    await page.locator('main').getByRole('button', { name: 'Cancel' }).waitFor();
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('is seen by another window, which may cancel it', async () => {
    const [one, other] = [
      await lab.visit({ path: `/bench?run=${id}` }),
      await lab.visit({ path: '/runs', theme: 'dark' }),
    ];
    await other.getByRole('row').filter({ hasText: 'slow' }).first().waitFor();
    await one.locator('main').getByRole('button', { name: 'Cancel' }).waitFor();
    await lab.lab.renameRun({ id, title: 'seen by both' });
    for (const page of [one, other]) await page.getByText('seen by both').first().waitFor();
    await one.locator('main').getByRole('button', { name: 'Cancel' }).click();
    await eventually(async () => {
      const { jobs } = await lab.lab.watch({ since: 0 });
      return jobs.find(({ subject }) => subject === id)?.state;
    }).toBe('cancelled');
    for (const page of [one, other]) await page.context().close();
    expect(lab.complaints).toEqual([]);
  });
});

describeInBrowser('the list of runs', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
    for (const name of ['one', 'two', 'three']) await lab.lab.createRun({ recipe: { ...slow, name } });
  });
  afterAll(() => lab?.close());

  it('keeps the focus when a run is deleted by keys, and brings the run back', async () => {
    const page = await lab.visit({ path: '/runs' });
    const focused = () =>
      page.evaluate(() => (document.activeElement as HTMLElement).innerText.split(/\s/)[0]);
    await page.getByRole('row').nth(3).waitFor();
    const before = (await page.getByRole('row').allInnerTexts()).slice(1).map((text) => text.split(/\s/)[0]);
    await page.getByRole('row').nth(2).click();
    await page.keyboard.press('Delete');
    await page.getByText(`Deleted run ${before[1]}`).waitFor();
    await eventually(focused).toBe(before[2]);
    await page.keyboard.press('Delete');
    await page.getByText(`Deleted run ${before[2]}`).waitFor();
    await eventually(focused).toBe(before[0]);
    await page.keyboard.press('Control+z');
    await page.getByRole('row').filter({ hasText: before[2]! }).waitFor();
    expect(lab.complaints).toEqual([]);
    await page.context().close();
  });
});
