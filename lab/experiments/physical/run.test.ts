import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMaterials, type OpenMaterials } from '../../materials.ts';
import { createRegistry } from '../../registry/registry.ts';
import { openRun, places, type Run } from '../../runs/folder.ts';
import { parseRecipeText } from '../recipe/read.ts';
import { readCaptures } from './capture-record.ts';
import { prepareRun } from './prepare.ts';
import { measurePhotographs, runPhysical } from './run.ts';

/** The whole loop with a model that ships: made, printed, photographed by a simulated webcam, measured. */
const text = `
name: loop
seed: 5
model: signs-plain
data: { set: signs, count: 4 }
attacks:
  - { attack: fgsm, set: { epsilon: 16/255 } }
  - { attack: bim, set: { epsilon: 16/255, steps: 4 } }
captures:
  - simulate: { printer: photo-inkjet, camera: webcam-720p, views: 1 }
`;

let root: string;
let materials: OpenMaterials;

async function newRun(name: string, recipe = text): Promise<Run> {
  const prepared = { recipe: parseRecipeText(recipe, 'test'), folder: root, halftone: '0.0.0' };
  return prepareRun({ ...prepared, root: join(root, name) }, materials);
}

async function results({ folder }: Run): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, places.results), 'utf8'));
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-loop-'));
  materials = createMaterials({ registry: createRegistry(), dataDir: join(root, 'lab'), base: root });
});

afterAll(async () => {
  await materials.close();
  await rm(root, { recursive: true, force: true });
});

describe('a physical run', { timeout: 240_000 }, () => {
  it('goes from images to a report, and a run stopped in every stage comes to the same', async () => {
    const whole = await newRun('whole');
    const { results: measured } = await runPhysical(whole, materials);
    expect(measured.captures).toMatchObject({ taken: 1, used: 1 });
    const [fast] = measured.rows;
    expect(fast?.file.clean.top1).toMatchObject({ successes: 4, n: 4 });
    expect(fast?.photo.clean.top1.n).toBe(4);
    expect(fast?.photo.adversarial.top1.n).toBe(4);
    expect(fast?.file.adversarial.top1.successes).toBeLessThan(4);
    const report = await readFile(join(whole.folder, places.report), 'utf8');
    expect(report).toMatch(/^<!doctype html>/);
    expect(report).not.toMatch(/src="(?!data:)|href="(?!#)/);

    const broken = await newRun('broken');
    for (const stage of ['examples', 'captures', 'crops', 'verdicts'] as const) {
      const abort = new AbortController();
      const stopped = runPhysical(await openRun(broken.folder), materials, {
        signal: abort.signal,
        onProgress: (progress) => {
          if (progress.stage === stage) abort.abort();
        },
      });
      // The last stage may be past its last look at the signal.
      await stopped.catch((error: { code?: string }) => expect(error.code).toBe('cancelled'));
    }
    await runPhysical(await openRun(broken.folder), materials);
    expect(await results(broken)).toEqual(await results(whole));
  });

  it('takes photographs, says what is wrong with those that show no sheet, and loses nothing', async () => {
    const run = await newRun('photographs', text.slice(0, text.indexOf('captures:')));
    const empty = await runPhysical(run, materials);
    expect(empty.results.captures.taken).toBe(0);
    expect(empty.results.rows[0]?.destruction.n).toBe(0);
    const junk = join(root, 'junk.jpg');
    await writeFile(junk, 'no photograph');
    const blank = join(root, 'whole', 'missing.jpg');
    await expect(measurePhotographs(run, [blank], materials)).rejects.toMatchObject({ code: 'not-found' });
    const image = join(run.folder, 'images', 'clean', '0000.png');
    const { results: after } = await measurePhotographs(run, [junk, image], materials);
    expect(after.captures).toMatchObject({ taken: 2, used: 0 });
    const problems = (await readCaptures(run)).map(({ problem }) => problem);
    expect(problems[0]).toMatch(/no sheet|marks/);
    expect(problems[1]).toMatch(/not an image/);
    expect(after.warnings.join()).toMatch(/2 of 2 photographs/);
  });

  it.each([
    ['an unknown model', text.replace('signs-plain', 'signs-plane'), /no model 'signs-plane'/],
    ['images that don’t fit', text.replace('set: signs,', 'set: mnist,'), /28×28×1; the model takes 64×64×3/],
    ['an unknown preset', text.replace('webcam-720p', 'webcam-8k'), /no camera 'webcam-8k'/],
    ['an unknown target', text.replace('steps: 4 }', 'steps: 4 }, target: zebra'), /'zebra' is no class/],
    [
      'more sheets than marks tell apart',
      `${text.replace('count: 4', 'count: 40')}sheet: { columns: 1, rows: 1 }\n`,
      /120 sheets/,
    ],
  ])('refuses %s before it makes a folder', async (_, recipe, message) => {
    await expect(newRun('refused', recipe)).rejects.toThrow(message);
    await expect(readFile(join(root, 'refused'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
