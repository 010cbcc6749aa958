import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recipeSchema } from '../experiments/recipe/schema.ts';
import { toCsv } from './csv.ts';
import { createRun, imagePath, listRuns, lockRun, openRun } from './folder.ts';
import type { RunRecord } from './record.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-runs-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

function record(created = '2026-01-02T03:04:05.678Z'): RunRecord {
  return {
    version: 1,
    id: 'abc123',
    title: 'A trial',
    created,
    halftone: '0.1.0',
    platform: 'linux x64',
    recipe: recipeSchema.parse({
      name: 'trial',
      model: 'net',
      data: { set: 'mnist' },
      attacks: [{ attack: 'fgsm' }],
    }),
    recipeFolder: '/',
    models: [{ name: 'net', path: '/net.onnx', sha256: '0'.repeat(64), provider: 'CPU' }],
    classes: ['0', '1'],
    input: { height: 28, width: 28, channels: 1 },
    variants: [{ key: 'fgsm', title: 'fgsm', attack: 'fgsm', parameters: { epsilon: 0.1 }, epsilon: 0.1 }],
    defenses: [],
  };
}

describe('a run’s folder', () => {
  it('is named by time and recipe, reads back, and two of one second don’t meet', async () => {
    const first = await createRun(root, record());
    const second = await createRun(root, record());
    expect(first.folder).toBe(join(root, '20260102-030405-trial'));
    expect(second.folder).toBe(join(root, '20260102-030405-trial-2'));
    expect(await openRun(first.folder)).toEqual(first);
  });

  it('opens when it was made before recipes had defences', async () => {
    const { folder, record: made } = await createRun(root, record());
    const { defenses: _, ...before } = made;
    const { defenses: __, ...recipe } = made.recipe;
    await writeFile(join(folder, 'run.json'), JSON.stringify({ ...before, recipe }));
    expect((await openRun(folder)).record).toEqual(made);
  });

  it('is listed newest first, broken ones with their reason', async () => {
    await createRun(root, record('2026-01-01T00:00:00.000Z'));
    await createRun(root, record('2026-03-01T00:00:00.000Z'));
    await mkdir(join(root, 'broken'));
    await writeFile(join(root, 'broken', 'run.json'), '{"version":1,');
    const runs = await listRuns(root);
    expect(runs.map(({ created }) => created.slice(0, 7))).toEqual(['2026-03', '2026-01', '']);
    expect(runs[2]?.problem).toMatch(/run\.json/);
    expect(await listRuns(join(root, 'nowhere'))).toEqual([]);
  });

  it('belongs to one process at a time', async () => {
    const run = await createRun(root, record());
    const unlock = await lockRun(run);
    await expect(lockRun(run)).rejects.toThrow(/another run/);
    await unlock();
    await (await lockRun(run))();
  });

  it('says what is no run, and which key is wrong', async () => {
    await expect(openRun(root)).rejects.toThrow(/is no run/);
    const run = await createRun(root, record());
    await writeFile(join(run.folder, 'run.json'), JSON.stringify({ ...record(), seeds: 1 }));
    await expect(openRun(run.folder)).rejects.toThrow(/run\.json: .*seeds/);
  });

  it('names images so that they sort', () => {
    expect(imagePath('clean', 7)).toBe('images/clean/0007.png');
  });
});

describe('toCsv', () => {
  it('quotes what must be and disarms formulas', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x,"y"', 1.5],
          ['=1+1', null],
        ],
      ),
    ).toBe('a,b\r\n"x,""y""",1.5\r\n\'=1+1,\r\n');
  });
});
