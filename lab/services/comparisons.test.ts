import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLab, type Lab } from '../lab.ts';

let dataDir: string;
let lab: Lab;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'halftone-lab-'));
  lab = createLab({ dataDir });
});

afterEach(async () => {
  await lab.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function resultOf(id: string) {
  let since = 0;
  for (;;) {
    const { jobs, version } = await lab.watch({ since });
    const job = jobs.find(({ subject }) => subject === id)!;
    expect(job.error).toBeUndefined();
    if (job.state === 'done') return lab.openComparison({ id });
    since = version;
  }
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
