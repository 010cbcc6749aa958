import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '@halftone/sdk';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeNpy } from '../lab/data/npy.ts';
import { createRegistry } from '../lab/registry/registry.ts';
import { addStageOptions, openStages, type StageOptions } from './attack-stages.ts';
import { listPlugins } from './plugin-cards.ts';
import { halftone, writeTinyModel } from './testing.ts';

let cwd: string;
const count = 12;
const random = seeded('stages');
const run = (...args: string[]) => halftone(args, { cwd });
const attack = ['attack', 'm.onnx', '--images', 'x.npy', '--labels', 'y.npy', '--attack'];

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'halftone-stages-'));
  await writeTinyModel(join(cwd, 'm.onnx'));
  const data = Float32Array.from({ length: count * 48 }, () => random.integer(256) / 255);
  await writeNpy(join(cwd, 'x.npy'), { dtype: 'float32', shape: [count, 3, 4, 4], data });
  const labels = Int32Array.from({ length: count }, () => random.integer(3));
  await writeNpy(join(cwd, 'y.npy'), { dtype: 'int32', shape: [count], data: labels });
});
afterAll(() => rm(cwd, { recursive: true }));

test('defences stand before the model in their order; the run is kept, and says the same when it goes on', async () => {
  const defenses = ['--defense', 'bit-depth', '--set-defense', 'bits=2', '--defense', 'jpeg'];
  const args = [...attack, 'fgsm', '--set', 'epsilon=6/255', ...defenses, '--batch', '5', '--keep', 'kept'];
  const report = JSON.parse((await run(...args, '--json')).stdout);
  expect(report.defense).toMatchObject({
    aware: false,
    stages: [
      { name: 'bit-depth', parameters: { bits: 2 } },
      { name: 'jpeg', parameters: { quality: 75 } },
    ],
  });
  expect(report.defense.undefended.adversarial.top1.n).toBe(count);
  expect(report.warnings).toEqual([expect.stringContaining('did not know the defence')]);
  expect((await readdir(join(cwd, 'kept'))).filter((name) => name.endsWith('.npy'))).toHaveLength(3);
  const { stdout } = await run(...args, '--resume');
  expect(stdout).toContain(
    "behind bit-depth (bits 2), then jpeg (quality 75), which the attack doesn't know",
  );
  const { successes, n } = report.defense.undefended.adversarial.top1;
  expect(stdout).toMatch(new RegExp(`adversarial, undefended {2,}\\d+\\.\\d% \\(${successes}/${n},`));
});

test('defences are listed, with their parameters', async () => {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  await listPlugins('defense', 'defenses', { json: true }, () => '');
  write.mockRestore();
  const { defenses, refused } = JSON.parse(text);
  expect(refused).toEqual([]);
  const found = defenses.find(({ name }: { name: string }) => name === 'adv-train');
  expect(found).toMatchObject({
    type: 'train',
    parameters: { alpha: { default: { rule: expect.any(String) } } },
  });
  expect(found.train).toBeUndefined();
});

/** What the options open, as `halftone attack` reads them. */
async function open(...args: string[]) {
  const command = new Command().exitOverride().configureOutput({ outputError: () => {} });
  addStageOptions(command);
  command.parse(args, { from: 'user' });
  return openStages(command.opts<StageOptions>(), createRegistry());
}

test('each --set-defense belongs to the defence before it', async () => {
  const { defenses, channel } = await open(
    ...['--defense', 'jpeg', '--set-defense', 'quality=40', '--defense', 'median', '--defense', 'jpeg'],
  );
  expect(defenses.map(({ plugin, parameters }) => [plugin.name, parameters])).toEqual([
    ['jpeg', { quality: 40 }],
    ['median', { window: 3 }],
    ['jpeg', { quality: 75 }],
  ]);
  expect(channel).toBeUndefined();
  expect((await open()).defenses).toEqual([]);
});

test.each<[string, string[], string]>([
  ['an unknown defence', ['--defense', 'wall'], "no defense is called 'wall'"],
  ['an attack as defence', ['--defense', 'bim'], '(it is another kind: attack)'],
  ['a defence that trains', ['--defense', 'adv-train'], "defense 'adv-train' trains a model"],
  ['a parameter before its defence', ['--set-defense', 'bits=2'], 'behind its --defense'],
  ['a parameter out of bounds', ['--defense', 'jpeg', '--set-defense', 'quality=0'], 'quality=0 is outside'],
  ['a known defence that is not there', ['--through-defense'], '--through-defense goes with --defense'],
  ['a parameter of no channel', ['--set-channel', 'a=1'], '--set-channel goes with --channel'],
])('%s is refused', async (_, args, message) => {
  await expect(open(...args)).rejects.toThrow(message);
});

test('an attack that trains through a channel is given one for transfer too', async () => {
  const args = [
    'transfer',
    '--sources',
    'mnist-c',
    '--attacks',
    'eot-pgd',
    '--data',
    'mnist',
    '--count',
    '4',
  ];
  const cheap = ['--set', 'steps=2', '--set', 'samples=3'];
  expect((await run(...args)).stderr).toContain("attack 'eot-pgd' needs a channel; choose one");
  const { stdout } = await run(...args, ...cheap, '--channel', 'gaussian-noise', '--json');
  expect(JSON.parse(stdout).spent).toMatchObject([{ variant: 'eot-pgd', gradients: 24 }]);
});
