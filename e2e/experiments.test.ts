import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  choose,
  describeInBrowser,
  eventually,
  type LabInBrowser,
  openLab,
  seriousFindings,
} from './harness.ts';

describeInBrowser('an experiment that is put together', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());

  it('has defences, outlives a reload half filled, and says what is wrong at its field', async () => {
    const page = await lab.visit({ path: '/bench' });
    await choose(page, 'Model', 'mnist-c');
    await choose(page, 'Data set', 'mnist');
    await page.getByLabel('How many').fill('4 or so');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const count = page.getByLabel('How many');
    await eventually(() => count.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await lab.lab.listRuns()).toEqual([]);
    await count.fill('4');
    await page.getByRole('button', { name: 'More about attack 2' }).click();
    await page.getByRole('menuitem', { name: 'Take out' }).click();
    const add = page.getByRole('button', { name: 'Add an attack' });
    await eventually(() => add.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.getByLabel('Values of epsilon').fill('0.3, 2');
    await page.getByRole('button', { name: 'Add a defence' }).click();
    await page.getByRole('button', { name: 'Add a defence' }).click();
    await page.getByRole('button', { name: 'Take defence 2 out' }).press('Enter');
    const more = page.getByRole('button', { name: 'Add a defence' });
    await eventually(() => more.evaluate((button) => button === document.activeElement)).toBe(true);
    await choose(page, 'defence 1', 'bit-depth');
    await page.reload();
    const values = page.getByLabel('Values of epsilon');
    expect(await values.inputValue()).toBe('0.3, 2');
    const first = page.getByRole('region', { name: 'Defence 1' });
    await first.getByText('Parameters').click();
    await first.getByLabel('bits', { exact: true }).fill('1');
    await first.getByRole('button', { name: 'Then another, in the same chain' }).click();
    await choose(page, 'defence 1, step 2', 'median');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page
      .getByRole('region', { name: 'Attack 1' })
      .getByText(/epsilon=2 is outside 0 to 1/)
      .waitFor();
    expect(await values.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await values.fill('0.3');
    await page.getByLabel('Name', { exact: true }).fill('Ziffern <3> – 数字');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('columnheader', { name: 'behind bit-depth + median' }).waitFor();
    await page.getByLabel('Seen by').selectOption('mnist-c behind bit-depth (bits 1), then median');
    await page.getByText('seen by mnist-c behind bit-depth (bits 1), then median').first().waitFor();
    const [made] = await lab.lab.listRuns();
    const { record } = await lab.lab.openRun({ id: made!.id });
    expect(record.title).toBe('Ziffern <3> – 数字');
    expect(record.recipe.defenses).toEqual([
      [
        { defense: 'bit-depth', set: { bits: 1 } },
        { defense: 'median', set: {} },
      ],
    ]);
    // Another draft takes the place of one that is half done, which can be had back.
    await page.getByRole('button', { name: 'New run', exact: true }).click();
    await page.getByLabel('Name', { exact: true }).fill('half done');
    await page.getByRole('button', { name: 'Back to Ziffern' }).click();
    await page.getByRole('button', { name: 'Change as a new run' }).click();
    await page.getByText('Put the draft ‘half done’ away').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await eventually(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe('half done');
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });

  it('gives an attack the channel that it trains through', async () => {
    const page = await lab.visit({ path: '/transfer' });
    await choose(page, 'Attack 1', 'eot-pgd');
    await page.getByRole('button', { name: 'Make the matrix' }).click();
    const attack = page.getByRole('region', { name: 'Attack 1' });
    await attack.getByText(/needs a channel; choose one/).waitFor();
    await attack.getByLabel('Trains through').selectOption('gaussian-noise');
    await page.getByRole('button', { name: 'Make the matrix' }).click();
    await page.getByRole('button', { name: 'Change and make anew' }).waitFor();
    const [made] = await lab.lab.listComparisons();
    const { request } = await lab.lab.openComparison({ id: made!.id });
    expect('attacks' in request && request.attacks[0]).toMatchObject({
      name: 'eot-pgd',
      channel: { name: 'gaussian-noise', set: {} },
    });
    await page.locator('main').getByRole('button', { name: 'Cancel' }).click();
    await page.context().close();
    expect(lab.complaints).toEqual([]);
  });
});
