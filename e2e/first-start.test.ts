import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, eventually, type LabInBrowser, openLab } from './harness.ts';

describeInBrowser('a first start', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());

  it('goes through the steps by itself on one click, and stops where it is told to', async () => {
    const page = await lab.visit();
    for (const step of ['1 Bench', '2 Print', '3 Capture', '4 Measure']) {
      await page.locator('main').getByText(step).waitFor();
    }
    await page.getByRole('button', { name: 'Try it with road signs' }).click();
    await page.waitForURL(/#\/bench\?run=/);
    await page.waitForURL(/#\/(print|capture)\?run=/);
    await page.waitForURL(/#\/capture\?run=/);
    const [job] = (await lab.lab.watch({ since: 0 })).jobs;
    expect(job).toMatchObject({ state: 'running' });
    // Somebody who looks elsewhere is left there.
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('heading', { name: 'Models' }).waitFor();
    await lab.lab.cancelJob({ id: job!.id });
    await eventually(async () => (await lab.lab.watch({ since: 0 })).jobs[0]?.state).toBe('cancelled');
    expect(page.url()).toContain('#/models?run=');
    const { examplesDone, sheets } = await lab.lab.openRun({ id: job!.subject! });
    expect({ examplesDone, sheets }).toEqual({ examplesDone: true, sheets: 7 });
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });
});
