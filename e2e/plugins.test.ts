import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  choose,
  describeInBrowser,
  eventually,
  goTo,
  type LabInBrowser,
  openLab,
  seriousFindings,
} from './harness.ts';
import { root } from './root.ts';

describeInBrowser('a plugin', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());

  it('is installed from its package by the file dialog, and attacks', async () => {
    const page = await lab.visit({ path: '/plugins' });
    const dialog = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a .tgz' }).click();
    await (await dialog).setFiles(join(root, 'fixtures', 'plugins', 'halftone-attack-ni-fgsm-1.0.0.tgz'));
    const question = page.getByRole('dialog').filter({ hasText: 'Install the attack ‘ni-fgsm’?' });
    await question.waitFor();
    expect(await question.textContent()).toMatch(/None of its code has run yet[\s\S]*Checksum/);
    expect(await seriousFindings(page)).toEqual([]);
    await question.getByRole('button').last().click();
    await page.getByRole('row').filter({ hasText: 'ni-fgsm' }).waitFor();

    await goTo(page, '/bench');
    await choose(page, 'Attack 1', 'ni-fgsm');
    await page.context().close();

    const { id } = await lab.lab.createRun({
      recipe: {
        name: 'own',
        model: 'mnist-c',
        data: { set: 'mnist', count: 2 },
        attacks: [{ attack: 'ni-fgsm' }],
      },
    });
    await lab.lab.startRun({ id, until: 'examples' });
    await eventually(async () => (await lab.lab.openRun({ id })).examplesDone).toBe(true);
    expect(lab.complaints).toEqual([]);
  });
});
