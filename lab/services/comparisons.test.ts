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

test('an attack that trains through a channel is given one, and is refused without', async () => {
  const attack = { name: 'eot-pgd', set: { epsilon: '0.3', steps: 2, samples: 2 } };
  const channel = { name: 'gaussian-noise', set: { deviation: '0.1' } };
  const transfer = { sources: ['mnist-c'], targets: ['mnist-c'], data };
  await expect(lab.startTransfer({ ...transfer, attacks: [attack] })).rejects.toMatchObject({
    message: "attack 'eot-pgd' needs a channel; choose one",
    place: ['attacks', 0, 'channel'],
  });
  const attacks = [
    { ...attack, channel },
    { ...attack, channel: { ...channel, set: { deviation: 1 } } },
  ];
  const { subject: id } = await lab.startTransfer({ ...transfer, attacks });
  const { result } = await resultOf(id);
  const { spent } = result as { spent: { variant: string; gradients: number }[] };
  expect(spent.map(({ variant }) => variant)).toEqual([
    expect.stringContaining('through gaussian-noise deviation=0.1'),
    expect.stringContaining('through gaussian-noise deviation=1'),
  ]);
  // Two steps of two passages, for each of eight images.
  expect(spent[0]!.gradients).toBe(32);
  const chains = [[{ name: 'median' }]];
  const defend = { model: 'mnist-c', attack: { ...attack, channel }, chains, data, through: false };
  const { subject } = await lab.startDefend(defend);
  const { result: table } = await resultOf(subject);
  expect((table as { rows: { gradients: number }[] }).rows.map(({ gradients }) => gradients)).toEqual([
    32, 32,
  ]);
});

test.each([
  [
    ['chains', 1, 0, 'set', 'bits'],
    { chains: [[{ name: 'median' }], [{ name: 'bit-depth', set: { bits: 9 } }]] },
  ],
  [['attack', 'set', 'epsilon'], { attack: { name: 'fgsm', set: { epsilon: 2 } } }],
  [
    ['attack', 'channel', 'set', 'no'],
    { attack: { name: 'fgsm', channel: { name: 'jpeg', set: { no: 1 } } } },
  ],
  [['model'], { model: 'mnist-x' }],
] as const)('what doesn’t fit is told with its place: %s', async (place, change) => {
  const request = { model: 'mnist-c', attack: { name: 'fgsm' }, chains: [[{ name: 'median' }]], data };
  const asked = lab.startDefend({ ...request, ...(change as object) });
  await expect(asked).rejects.toMatchObject({ place });
  expect(await lab.listComparisons()).toEqual([]);
});
