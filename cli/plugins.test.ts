import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeNpy } from '../lab/data/npy.ts';
import { halftone, writeTinyModel } from './testing.ts';

vi.setConfig({ testTimeout: 300_000 });

let cwd: string;
const run = (...args: string[]) => halftone(args, { cwd, env: { HALFTONE_DATA: join(cwd, 'data') } });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'halftone-plugins-'));
});
afterAll(() => rm(cwd, { recursive: true }));

/** Runs a folder's tests as its README says. */
async function testPlugin(name: string): Promise<string> {
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--test'], { cwd: join(cwd, name), env });
  return stdout;
}

test('from nothing to an attack that is tested, installed and used', async () => {
  const made = await run('plugins', 'new', 'my-attack', '--json');
  expect(JSON.parse(made.stdout)).toMatchObject({ name: 'my-attack', kind: 'attack' });
  expect(await testPlugin('my-attack')).toMatch(/pass 2\n.*fail 0/);
  const blind = await run('plugins', 'add', './my-attack');
  expect(blind).toMatchObject({ code: 2, stdout: '' });
  expect(blind.stderr).toContain('without a terminal, say --yes');
  const added = await run('plugins', 'add', './my-attack', '--yes');
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toMatch(/white-box access to models[\s\S]*sha512-[\s\S]*my-attack is installed/);
  await writeTinyModel(join(cwd, 'm.onnx'));
  const shape = [2, 3, 4, 4];
  const data = Float32Array.from({ length: 96 }, (_, i) => ((i * 37) % 256) / 255);
  await writeNpy(join(cwd, 'x.npy'), { dtype: 'float32', shape, data });
  await writeNpy(join(cwd, 'y.npy'), { dtype: 'int32', shape: [2], data: Int32Array.of(0, 1) });
  const options = [
    '--images',
    'x.npy',
    '--labels',
    'y.npy',
    '--set',
    'steps=3',
    '--provider',
    'cpu',
    '--json',
  ];
  const attacked = await run('attack', 'm.onnx', '--attack', 'my-attack', ...options);
  expect(attacked).toMatchObject({ code: 0, stderr: '' });
  const { spent, norms, violations } = JSON.parse(attacked.stdout);
  expect(spent).toMatchObject({ gradients: 6, queries: 0 });
  expect(norms.linf.max).toBeCloseTo(8 / 255, 6);
  expect(violations).toEqual([]);
});

test('a defence begins with a test that passes', async () => {
  await run('plugins', 'new', 'my-defense', '--kind', 'defense');
  expect(await testPlugin('my-defense')).toMatch(/pass 1\n.*fail 0/);
  const again = await run('plugins', 'new', 'my-defense');
  expect(again.stderr).toMatch(/my-defense is there already/);
});
