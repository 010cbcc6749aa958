import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lab } from '../lab.ts';
import { idle, openTestLab, type TestLab } from './testing.ts';

let opened: TestLab;
let lab: Lab;

beforeEach(async () => {
  opened = await openTestLab();
  lab = opened.lab;
});

afterEach(() => opened.close());

async function resultOf(id: string) {
  const jobs = await idle(lab);
  expect(jobs.find(({ subject }) => subject === id)!.error).toBeUndefined();
  return lab.openComparison({ id });
}

const data = { set: 'mnist', count: 8 } as const;

test('transfer between two models is a matrix, kept, put away and brought back', async () => {
  const attacks = [{ name: 'fgsm', set: { epsilon: '0.3' } }];
  const { subject: id } = await lab.startTransfer({
    sources: ['mnist-c'],
    targets: ['mnist-c', 'mnist-d'],
    attacks,
    data,
  });
  const { result, title } = await resultOf(id);
  expect(title).toBe('mnist-c → mnist-c, mnist-d');
  expect((result as { cells: { target: string }[] }).cells.map(({ target }) => target)).toEqual([
    'mnist-c',
    'mnist-d',
  ]);
  await lab.removeComparison({ id });
  expect(await lab.listComparisons()).toEqual([]);
  await lab.restoreComparison({ id });
  expect(await lab.listComparisons()).toMatchObject([{ id, kind: 'transfer', done: true }]);
});

test('an attack is measured without a defence, behind it and through it', async () => {
  const request = { model: 'mnist-c', attack: { name: 'fgsm', set: { epsilon: '0.3' } }, data };
  const unknown = [[{ name: 'nothing-such' }]];
  await expect(lab.startDefend({ ...request, chains: unknown })).rejects.toThrow(/nothing-such/);
  const chains = [[{ name: 'bit-depth', set: { bits: 1 } }]];
  const { subject: id } = await lab.startDefend({ ...request, chains });
  const { result } = await resultOf(id);
  const { rows } = result as { rows: { aware: boolean; chain?: number; adversarial: { share: number } }[] };
  expect(rows.map(({ chain, aware }) => [chain, aware])).toEqual([
    [undefined, false],
    [0, false],
    [0, true],
  ]);
  // One bit a pixel takes most of a perturbation of 0.3 away from digits in black and white.
  expect(rows[1]!.adversarial.share).toBeGreaterThan(rows[0]!.adversarial.share);
});
