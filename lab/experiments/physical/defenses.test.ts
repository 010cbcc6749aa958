import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readImages } from '../../data/images.ts';
import { createMaterials, type OpenMaterials } from '../../materials.ts';
import { createRegistry } from '../../registry/registry.ts';
import { imagePath, openRun, places, type Run } from '../../runs/folder.ts';
import { parseRecipeText } from '../recipe/read.ts';
import { type Verdict, verdictsOf } from '../verdict.ts';
import { readCaptures } from './capture-record.ts';
import { collectOutcomes } from './collect.ts';
import { prepareRun } from './prepare.ts';
import { runPhysical } from './run.ts';

/** One defence that rounds to black and white, the same before another round, and one that draws pixels to drop. */
const text = `
name: defended
seed: 3
model: mnist-c
data: { set: mnist, count: 3 }
attacks:
  - { attack: fgsm, set: { epsilon: 0.3 } }
defenses:
  - { defense: bit-depth, set: { bits: 1 } }
  - [{ defense: tv-min, set: { steps: 5 } }, bit-depth]
captures:
  - simulate: { printer: photo-inkjet, camera: webcam-720p, views: 1 }
`;
const rounding = 'mnist-c behind bit-depth (bits 1)';
const drawing = 'mnist-c behind tv-min (steps 5), then bit-depth';

let root: string;
let materials: OpenMaterials;
let run: Run;

function prepare(name: string, recipe = text): Promise<Run> {
  const prepared = { recipe: parseRecipeText(recipe, 'test'), folder: root, halftone: '0.0.0' };
  return prepareRun({ ...prepared, root: join(root, name) }, materials);
}

const plain = ({ predicted, rank, confidence }: Verdict) => [predicted, rank, confidence.toFixed(4)];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-defended-'));
  materials = createMaterials({ registry: createRegistry(), dataDir: join(root, 'lab'), base: root });
  run = await prepare('runs');
  await runPhysical(run, materials);
});

afterAll(async () => {
  await materials.close();
  await rm(root, { recursive: true, force: true });
});

test('behind a defence the model sees the same files and photographs, each transformed', async () => {
  const outcomes = await collectOutcomes(run, materials);
  expect(outcomes.map(({ model }) => model)).toEqual(['mnist-c', rounding, drawing]);
  const { clean, adversarial, defense } = outcomes[1]!;
  expect(defense).toBe('bit-depth (bits 1)');
  const crops = (await readCaptures(run)).flatMap((capture) => capture.crops);
  const asked = [clean, ...adversarial].flatMap(({ variant, images }) =>
    images.flatMap(({ source, label, file, photos }) => [
      { path: imagePath(variant, source), label, said: file },
      ...photos.map(({ verdict }) => {
        const crop = crops.find((each) => each.variant === variant && each.source === source)!;
        return { path: crop.file, label, said: verdict };
      }),
    ]),
  );
  expect(asked).toHaveLength(12);
  const byHand = await materials.useModel('mnist-c', async (classifier) => {
    const paths = asked.map(({ path }) => join(run.folder, path));
    const images = await readImages(paths, classifier.input);
    const logits = await classifier.logits({ ...images, data: images.data.map(Math.round) });
    const labels = Int32Array.from(asked, ({ label }) => label);
    return verdictsOf(logits, classifier.classes, labels);
  });
  expect(asked.map(({ said }) => plain(said))).toEqual(byHand.map(plain));
});

test('what a defence draws hangs on the file alone: not on what else was asked, or when', async () => {
  const whole = await readFile(join(run.folder, places.results), 'utf8');
  const folder = join(run.folder, 'verdicts');
  const name = (await readdir(folder)).find((each) => each.includes('tv-min'))!;
  const verdicts = Object.entries<Verdict>(JSON.parse(await readFile(join(folder, name), 'utf8')));
  expect(verdicts.length).toBe(12);
  // Every other file was not asked about before.
  const half = Object.fromEntries(verdicts.filter((_, i) => i % 2 === 0));
  await writeFile(join(folder, name), JSON.stringify(half));
  await runPhysical(await openRun(run.folder), materials);
  const again: Record<string, Verdict> = JSON.parse(await readFile(join(folder, name), 'utf8'));
  expect(verdicts.map(([file]) => plain(again[file]!))).toEqual(
    verdicts.map(([, verdict]) => plain(verdict)),
  );
  expect(await readFile(join(run.folder, places.results), 'utf8')).toBe(whole);
});

test('defences are in the table, in the report and in the record, and change nothing on the sheets', async () => {
  const csv = await readFile(join(run.folder, places.table), 'utf8');
  const [head, own, rounded] = csv.split('\r\n');
  expect(head).toMatch(/^model,defense,variant,/);
  expect(own).toMatch(/^mnist-c,,fgsm/);
  expect(rounded).toContain(`${rounding},bit-depth (bits 1),fgsm`);
  const report = await readFile(join(run.folder, places.report), 'utf8');
  expect(report).toContain('<h3>tv-min (steps 5), then bit-depth</h3>');
  const { record } = await openRun(run.folder);
  expect(record.defenses[1]!.steps).toMatchObject([
    { defense: 'tv-min', parameters: { steps: 5, drop: 0.5 }, checksum: expect.stringMatching(/^sha512-/) },
    { defense: 'bit-depth', parameters: { bits: 4 }, version: expect.stringMatching(/^\d/) },
  ]);
  const bare = await prepare('bare', `${text.split('defenses:')[0]}captures${text.split('captures')[1]}`);
  expect(bare.record.id).toBe(record.id);
});

test.each([
  [
    'an unknown defence',
    'bit-depth, set: { bits: 1 }',
    'nothing-such',
    /no defense is called/,
    [0, 'defense'],
  ],
  ['a parameter out of bounds', 'bits: 1', 'bits: 9', /bits=9 is outside 1 to 8/, [0, 'set', 'bits']],
  ['a parameter of another', 'steps: 5', 'bits: 5', /tv-min has no parameter 'bits'/, [1, 0, 'set', 'bits']],
  [
    'one that trains',
    'defense: tv-min, set: { steps: 5 }',
    'defense: adv-train',
    /trains a model/,
    [1, 0, 'defense'],
  ],
  [
    'the same twice',
    '[{ defense: tv-min, set: { steps: 5 } }, bit-depth]',
    '{ defense: bit-depth, set: { bits: 1 } }',
    /twice/,
    [1],
  ],
])('refuses %s before it makes a folder, and says where', async (_, from, to, message, place) => {
  const made = prepare('refused', text.replace(from, to));
  await expect(made).rejects.toThrow(message);
  await expect(made).rejects.toMatchObject({ place: ['defenses', ...place] });
  await expect(readdir(join(root, 'refused'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a misspelt key of a defence is refused with its place', () => {
  const wrong = text.replace('defense: bit-depth', 'defence: bit-depth');
  expect(() => parseRecipeText(wrong, 'x')).toThrow(/x: defenses\.0: a defence's name/);
});
