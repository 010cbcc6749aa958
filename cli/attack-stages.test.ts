import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '@halftone/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpy } from '../lab/data/npy.ts';
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

test('defences stand before the model in their order, known to the attack or not', async () => {
  const defenses = ['--defense', 'bit-depth', '--set-defense', 'bits=2', '--defense', 'jpeg'];
  const args = [...attack, 'fgsm', '--set', 'epsilon=6/255', ...defenses];
  const unaware = JSON.parse((await run(...args, '--json')).stdout);
  expect(unaware.defense).toMatchObject({
    aware: false,
    stages: [
      { name: 'bit-depth', parameters: { bits: 2 } },
      { name: 'jpeg', parameters: { quality: 75 } },
    ],
  });
  expect(unaware.defense.undefended.adversarial.top1.n).toBe(count);
  expect(unaware.warnings).toEqual([expect.stringContaining('did not know the defence')]);
  const bare = JSON.parse((await run(...attack, 'fgsm', '--set', 'epsilon=6/255', '--json')).stdout);
  expect(unaware.defense.undefended).toEqual({ clean: bare.clean, adversarial: bare.adversarial });
  const { stdout } = await run(...args, '--through-defense');
  expect(stdout).toContain('behind bit-depth (bits 2), then jpeg (quality 75), which the attack knows');
  expect(stdout).toMatch(/adversarial, undefended {2,}\d+\.\d%/);
});

test('progress is kept, and a finished run that goes on says the same', async () => {
  const args = [...attack, 'bim', '--batch', '5', '--keep', 'kept', '--json'];
  const { seconds: _, imagesPerSecond: __, ...first } = JSON.parse((await run(...args)).stdout);
  expect((await readdir(join(cwd, 'kept'))).filter((name) => name.endsWith('.npy'))).toHaveLength(3);
  const again = JSON.parse((await run(...args, '--resume')).stdout);
  expect(again).toMatchObject(first);
});

test('defences are listed, with their papers', async () => {
  const { stdout } = await run('defenses');
  expect(stdout).toMatch(/jpeg: JPEG compression \(changes the input\)/);
  const { defenses, refused } = JSON.parse((await run('defenses', '--json')).stdout);
  expect(refused).toEqual([]);
  const names = defenses.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['bit-depth', 'jpeg', 'median', 'tv-min']));
});

test.each<[string, string[], string]>([
  ['an unknown defence', ['--defense', 'wall'], "no defense is called 'wall'"],
  ['an attack as defence', ['--defense', 'bim'], '(it is another kind: attack)'],
  ['a parameter before its defence', ['--set-defense', 'bits=2'], 'behind its --defense'],
  ['a parameter out of bounds', ['--defense', 'jpeg', '--set-defense', 'quality=0'], 'quality=0 is outside'],
  ['a known defence that is not there', ['--through-defense'], '--through-defense goes with --defense'],
  ['resuming without a folder', ['--resume'], '--resume goes with --keep'],
])('%s: one line, exit code 2', async (_, args, message) => {
  const { code, stderr } = await run(...attack, 'fgsm', ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^halftone: [^\n]+\n$/);
});

test('an attack that needs a channel asks for one', async () => {
  const { code, stderr } = await run(...attack, 'eot-pgd');
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "halftone: attack 'eot-pgd' needs a channel; give --channel NAME\n",
  });
});
