import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PhysicalResults } from '../lab/experiments/physical/results.ts';
import { careful } from '../lab/vision/channel/views.ts';
import { readPicture } from '../lab/vision/node/pictures.ts';
import { simulateFolder } from '../lab/vision/node/simulate-folder.ts';
import { percent } from '../renderer/words.ts';
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
import { writeY4m } from './y4m.ts';

const VIEWS = 2;

/** What the camera sees, over and over: simulated photographs of the printed sheets, each held still for a while. */
async function film(sheetsPdf: string, folder: string, file: string): Promise<void> {
  const frames = await simulateFolder({
    path: sheetsPdf,
    out: folder,
    camera: 'webcam-1080p',
    printer: 'office-laser',
    views: VIEWS,
    ranges: { ...careful, angle: 8, glare: 0 },
    seed: 5,
  });
  async function* pictures() {
    for (const { frame } of frames) yield await readPicture(frame);
  }
  await writeY4m(file, pictures(), { rate: 5, hold: 20 });
}

/** What the command line measures from the same photographs, in a copy of the run from before the capture. */
async function measureByCommand(run: string, photographs: readonly string[]): Promise<Results> {
  const program = join(root, 'cli', 'main.ts');
  await promisify(execFile)(process.execPath, [program, 'measure', run, ...photographs]);
  return JSON.parse(await readFile(join(run, 'results.json'), 'utf8'));
}

type Results = Pick<PhysicalResults, 'rows'>;

describeInBrowser('the whole job', () => {
  let folder: string;
  let camera: string;
  let lab: LabInBrowser;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-job-'));
    camera = join(folder, 'camera.y4m');
    // The film is read when the camera is opened: the sheets that it shows are made on the way.
    lab = await openLab({ camera: { file: camera } });
    page = await lab.visit({ path: '/bench', camera: true });
  });
  afterAll(async () => {
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const openRun = async () => lab.lab.openRun({ id: (await lab.lab.listRuns())[0]!.id });

  it('makes adversarial images on the bench', async () => {
    await page.getByLabel('Name', { exact: true }).fill('paper');
    await choose(page, 'Model', 'mnist-c');
    await choose(page, 'Data set', 'mnist');
    await page.getByLabel('How many').fill('6');
    for (const field of await page.getByLabel('Values of epsilon').all()) await field.fill('0.3');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await eventually(async () => (await lab.lab.listRuns()).length).toBe(1);
    await eventually(async () => (await openRun()).examplesDone).toBe(true);
    await page.getByRole('row').filter({ hasText: 'fgsm' }).first().getByText('%').first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(lab.complaints).toEqual([]);
  });

  it('prints them on sheets', async () => {
    await goTo(page, '/print');
    await page.getByText('18 images on 1 sheet').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save PDF' }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(/^paper.*\.pdf$/);
    const pdf = await readFile((await saved.path())!);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.equals(await readFile(join((await openRun()).folder, 'sheets', 'sheets.pdf')))).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    expect(lab.complaints).toEqual([]);
  });

  it('photographs them with the camera, by itself', async () => {
    const run = (await openRun()).folder;
    await film(join(run, 'sheets', 'sheets.pdf'), join(folder, 'frames'), camera);
    await cp(run, join(folder, 'copy'), { recursive: true });
    await goTo(page, '/capture');
    await page.getByRole('textbox', { name: 'Views of each sheet' }).fill(String(VIEWS));
    await page.keyboard.press('Enter');
    await eventually(async () => (await openRun()).captures.used).toBe(VIEWS);
    expect(await seriousFindings(page)).toEqual([]);
    expect(lab.complaints).toEqual([]);
  });

  it('measures what the command line measures', async () => {
    await goTo(page, '/measure');
    const table = page.getByRole('table', { name: /Accuracy and destruction/ });
    await table.getByRole('row').filter({ hasText: 'fgsm' }).getByText('%').first().waitFor();
    const run = await openRun();
    const photographs = (await readdir(join(run.folder, 'captures'))).filter((name) => name.endsWith('.png'));
    const expected = await measureByCommand(
      join(folder, 'copy'),
      photographs.sort().map((name) => join(run.folder, 'captures', name)),
    );
    const outcomes = await lab.lab.runOutcomes({ id: run.id });
    expect(outcomes?.results.rows).toEqual(expected.rows);
    const shown = (await table.getByRole('row').allTextContents()).slice(-expected.rows.length);
    const figures = expected.rows.map(({ file, photo }) =>
      [photo.clean, photo.adversarial, file.clean, file.adversarial].flatMap(({ top1, top5 }) =>
        [top1, top5].map(({ share, successes, n }) => `${percent(share)} (${successes}/${n})`),
      ),
    );
    expect(
      shown.map((row) =>
        [...row.matchAll(/([\d.]+%)±[\d.]+ (\(\d+\/\d+\))/g)]
          .slice(0, 8)
          .map(([, share, count]) => `${share} ${count}`),
      ),
    ).toEqual(figures);
    expect(await seriousFindings(page)).toEqual([]);
    expect(lab.complaints).toEqual([]);
  });

  it('takes a sheet again from Measure, by two keys, and comes back to the image', async () => {
    const before = await openRun();
    await page.getByRole('listbox', { name: 'Photographs beside their sources' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Left out 1', exact: true }).waitFor();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Left out 0', exact: true }).waitFor();
    await page.keyboard.press('r');
    await page.getByText('Retake sheet 1', { exact: true }).waitFor();
    await page.getByText('to be retaken').waitFor();
    await eventually(async () => (await openRun()).captures.used).toBe(before.captures.used + 1);
    // Hands that hold a sheet press no key.
    await page.getByRole('heading', { name: 'Measure' }).waitFor();
    const at = page.getByRole('listbox').getByRole('option', { selected: true });
    await eventually(() => at.getAttribute('aria-posinset')).not.toBe('1');
    expect(lab.complaints).toEqual([]);
  });
});
