import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecipeInput } from '../api/contract.ts';
import type { Lab } from '../lab.ts';
import { idle, openTestLab, type TestLab } from './testing.ts';

let opened: TestLab;
let lab: Lab;

beforeEach(async () => {
  opened = await openTestLab();
  lab = opened.lab;
});

afterEach(() => opened.close());

const recipe: RecipeInput = {
  name: 'tiny',
  model: 'mnist-c',
  data: { set: 'mnist', count: 4 },
  attacks: [{ attack: 'fgsm', each: { epsilon: ['0.1', '0.3'] } }],
};

test('a run is made, computed as a job, and tells what every image became', async () => {
  const { id } = await lab.createRun({ recipe });
  expect((await lab.listRuns()).map((run) => run.id)).toEqual([id]);
  expect(await lab.runOutcomes({ id })).toBeNull();
  await lab.startRun({ id, until: 'examples' });
  expect((await idle(lab)).map(({ state, error }) => [state, error])).toEqual([['done', undefined]]);
  const run = await lab.openRun({ id });
  expect(run).toMatchObject({ examplesDone: true, sheets: 0, measured: false });
  expect(run.variants.map(({ done, gradients }) => [done, gradients])).toEqual([
    [4, 4],
    [4, 4],
  ]);
  await lab.renameRun({ id, title: 'called otherwise' });
  expect((await lab.listRuns()).map(({ title }) => title)).toEqual(['called otherwise']);
  await lab.noteRun({ id, notes: ' a laser, matt paper <b>\n' });
  expect((await lab.openRun({ id })).record.notes).toBe('a laser, matt paper <b>');
  await lab.reportRun({ id });
  await idle(lab);
  const report = Buffer.from(await lab.runFile({ id, path: 'report.html' })).toString();
  expect(report).toContain('a laser, matt paper &lt;b&gt;');
  const outcomes = await lab.runOutcomes({ id });
  expect(outcomes?.models[0]?.clean.images).toHaveLength(4);
  const [weak, strong] = outcomes!.results.rows;
  expect(strong!.file.adversarial.top1.share).toBeLessThanOrEqual(weak!.file.adversarial.top1.share);
  const path = 'images/clean/0000.png';
  const png = await lab.runFile({ id, path });
  expect(Buffer.from(png)).toEqual(await readFile(join(run.folder, path)));
  const { top } = await lab.classifyRunFile({ id, path });
  expect(top[0]!.index).toBe(outcomes!.models[0]!.clean.images[0]!.file.predicted);
});

test('a job that is cancelled leaves a run that goes on where it was', async () => {
  const { id } = await lab.createRun({ recipe: { ...recipe, data: { set: 'mnist', count: 2000 } } });
  const job = await lab.startRun({ id, until: 'examples' });
  await expect(lab.startRun({ id, until: 'examples' })).rejects.toThrow(/at work on it already/);
  const progress = async () => (await lab.watch({ since: 0 })).jobs[0]!.done;
  await expect.poll(progress, { timeout: 60_000 }).toBeGreaterThan(0);
  await lab.cancelJob({ id: job.id });
  expect((await idle(lab)).map(({ state }) => state)).toEqual(['cancelled']);
  expect((await lab.openRun({ id })).examplesDone).toBe(false);
});

test('what is wrong in a recipe is told before anything is made', async () => {
  const unknown = { ...recipe, attacks: [{ attack: 'nothing-such' }] };
  await expect(lab.createRun({ recipe: unknown })).rejects.toThrow(/nothing-such/);
  await expect(lab.readRecipe({ text: 'name: a\nmodle: b' })).rejects.toThrow(/modle/);
  expect(await lab.listRuns()).toEqual([]);
});

test('files outside of a run can not be read through it', async () => {
  const { id, folder } = await lab.createRun({ recipe });
  await symlink('/etc', join(folder, 'elsewhere'));
  for (const path of ['../../secret', '/etc/hostname', 'elsewhere/hostname', '..']) {
    await expect(lab.runFile({ id, path })).rejects.toThrow(/not within/);
  }
  await expect(lab.runFile({ id, path: 'images/none.png' })).rejects.toMatchObject({ code: 'not-found' });
  await expect(lab.openRun({ id: 'none' })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringMatching(/no run 'none'.*deleted/),
  });
  await expect(lab.openRun({ id: '..' })).rejects.toMatchObject({ code: 'not-found' });
});

test('choices list the plugins with forms that can travel, and data with what is here', async () => {
  const { choices, broken } = await lab.listAttacks();
  expect(broken).toEqual([]);
  const bim = choices.find(({ name }) => name === 'bim')!;
  expect(bim).toMatchObject({ access: 'white-box', norm: 'linf', targets: true, origin: 'built-in' });
  expect(bim.parameters.steps!.default).toHaveProperty('rule');
  expect(structuredClone(choices)).toEqual(choices);
  expect((await lab.listData()).find(({ name }) => name === 'mnist')!.here).toBe(true);
});

test('a dropped folder of images is kept, and a path that leads out of it is refused', async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const kept = await lab.keepImages({ name: 'My photos', files: [{ path: 'cat/a.png', bytes }] });
  expect(Buffer.from(await readFile(join(kept.folder, 'cat/a.png')))).toEqual(Buffer.from(bytes));
  for (const path of ['../a.png', 'a/../../b.png', '/a.png', 'C:/a.png', 'a//b.png']) {
    await expect(lab.keepImages({ name: 'x', files: [{ path, bytes }] })).rejects.toThrow(/no path within/);
  }
});

test('behind a defence that draws, an image is seen as it was for the table', async () => {
  const defenses = ['median', { defense: 'tv-min', set: { steps: 5, drop: 0.9 } }];
  const { id, models } = await lab.createRun({ recipe: { ...recipe, defenses } });
  expect(models.map(({ name }) => name)).toEqual([
    'mnist-c',
    'mnist-c behind median',
    'mnist-c behind tv-min (steps 5, drop 0.9)',
  ]);
  await lab.startRun({ id, until: 'examples' });
  await idle(lab);
  const outcomes = await lab.runOutcomes({ id });
  const { model, clean } = outcomes!.models[2]!;
  for (const { source, file } of clean.images) {
    const { top } = await lab.classifyRunFile({ id, path: `images/clean/000${source}.png`, model });
    expect(top[0]).toMatchObject({ index: file.predicted });
    expect(top[0]!.confidence).toBeCloseTo(file.confidence, 4);
  }
  const elsewhere = lab.classifyRunFile({ id, path: 'images/clean/0000.png', model: 'mnist-d' });
  await expect(elsewhere).rejects.toThrow(/the run has no model 'mnist-d'/);
  const { recipe: again } = await lab.duplicateRun({ id });
  expect(again.defenses).toEqual([
    [{ defense: 'median', set: {} }],
    [{ defense: 'tv-min', set: { steps: 5, drop: 0.9 } }],
  ]);
});
