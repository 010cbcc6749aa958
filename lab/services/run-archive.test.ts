import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextReader, Uint8ArrayWriter, ZipWriter, type ZipWriterAddDataOptions } from '@zip.js/zip.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecipeInput } from '../api/contract.ts';
import { createLab, type Lab } from '../lab.ts';
import { unzipRun } from '../runs/archive/unzip.ts';
import { idle, openTestLab, type TestLab } from './testing.ts';

let opened: TestLab;
let lab: Lab;
/** A run with its images and what the model says of them. */
let made: string;

const recipe: RecipeInput = {
  name: 'tiny',
  model: 'mnist-c',
  data: { set: 'mnist', count: 4 },
  attacks: [{ attack: 'fgsm', set: { epsilon: '0.2' } }],
};

beforeAll(async () => {
  opened = await openTestLab();
  lab = opened.lab;
  made = (await lab.createRun({ recipe })).id;
  await lab.startRun({ id: made, until: 'examples' });
  await idle(lab);
});

afterAll(() => opened.close());

const ids = async () => (await lab.listRuns()).map(({ id }) => id);

/** All bytes of an export, as a page gets them. */
async function exported(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const { name, size } = await lab.zipRun({ id });
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < size; offset += parts.at(-1)!.length) {
    parts.push(await lab.exportPart({ name, offset }));
  }
  expect(await lab.exportPart({ name, offset: size })).toHaveLength(0);
  return Buffer.concat(parts);
}

/** A run that was begun and no more, without the work of beginning one. */
async function bare(): Promise<{ id: string }> {
  return lab.openZip({ name: 'bare.zip', bytes: await archive([await record({})]) });
}

test('a deleted run comes back, under another name where its own is taken', async () => {
  const { id } = await bare();
  const { id: first } = await lab.deleteRun({ id });
  expect(await ids()).not.toContain(id);
  expect((await lab.listTrash()).map((run) => [run.id, run.title])).toEqual([[first, 'tiny']]);
  expect(await lab.restoreRun({ id: first })).toEqual({ id });
  const packed = await exported(id);
  const { id: again } = await lab.deleteRun({ id });
  expect((await lab.openZip({ name: 'a.zip', bytes: packed })).id).toBe(id);
  const back = await lab.restoreRun({ id: again });
  expect(back.id).toBe(`${id}-2`);
  expect(await lab.listTrash()).toEqual([]);
  await lab.deleteRun({ id: back.id });
  await lab.deleteRun({ id });
  expect(await lab.listTrash()).toHaveLength(2);
  await lab.emptyTrash();
  expect(await lab.listTrash()).toEqual([]);
  await expect(lab.restoreRun({ id })).rejects.toMatchObject({ code: 'not-found' });
});

test('a run stays where it is while something works on it, here or elsewhere', async () => {
  const { id, folder } = await lab.createRun({
    recipe: { ...recipe, data: { set: 'mnist', count: 1000 } },
  });
  const job = await lab.startRun({ id, until: 'examples' });
  await expect(lab.deleteRun({ id })).rejects.toThrow(/at work; wait for it or cancel it/);
  await lab.cancelJob({ id: job.id });
  await idle(lab);
  await writeFile(join(folder, 'run.lock'), JSON.stringify({ process: 1, host: 'another' }));
  await expect(lab.deleteRun({ id })).rejects.toThrow(/another run/);
  await rm(join(folder, 'run.lock'));
  await lab.deleteRun({ id });
  await expect(lab.deleteRun({ id: 'none' })).rejects.toMatchObject({ code: 'not-found' });
});

test('a packed run opens elsewhere as it was, and what its models said is not asked again', async () => {
  const bytes = await exported(made);
  const elsewhere = await mkdtemp(join(tmpdir(), 'halftone-archive-'));
  const other = createLab({ dataDir: elsewhere });
  try {
    const opened = await other.openZip({ name: 'tiny.zip', bytes });
    expect(opened).toMatchObject({ id: made, title: 'tiny', attacks: ['fgsm, epsilon 51/255'] });
    expect((await other.openZip({ name: 'tiny.zip', bytes })).id).toBe(`${made}-2`);
    const verdicts = join(elsewhere, 'runs', made, 'verdicts', 'mnist-c.json');
    const before = await stat(verdicts);
    expect(await other.runOutcomes({ id: made })).toEqual(await lab.runOutcomes({ id: made }));
    expect((await stat(verdicts)).mtimeMs).toBe(before.mtimeMs);
    const [facts] = await other.runFacts({ ids: [made, 'none'] });
    expect(facts).toMatchObject({ id: made, data: 'mnist, 4', stage: 'examples' });
  } finally {
    await other.close();
    await rm(elsewhere, { recursive: true, force: true });
  }
});

test('a damaged run keeps no other from telling its facts', async () => {
  const { id } = await lab.openZip({ name: 'damaged.zip', bytes: await exported(made) });
  await writeFile(join(opened.dataDir, 'runs', id, 'images', 'clean.json'), '{"images": [');
  expect((await lab.runFacts({ ids: [id, made] })).map((facts) => facts.id)).toEqual([made]);
  await lab.deleteRun({ id });
});

test('two windows may pack a run at once', async () => {
  const [one, two] = await Promise.all([lab.zipRun({ id: made }), lab.zipRun({ id: made })]);
  expect(two).toEqual(one);
  const bytes = new Uint8Array(await lab.exportPart({ name: one.name, offset: 0 }));
  expect(await lab.openZip({ name: one.name, bytes })).toMatchObject({ title: 'tiny' });
});

test('a run is deleted where its lock can’t be written, as on a full disk', async () => {
  const { id } = await bare();
  // Stands in for the disk: nothing can be written under that name.
  await mkdir(join(opened.dataDir, 'runs', id, 'run.lock', 'full'), { recursive: true });
  await lab.deleteRun({ id });
  expect(await ids()).not.toContain(id);
});

test('two runs are compared image by image where these are the same', async () => {
  const { id } = await lab.openZip({ name: 'again.zip', bytes: await exported(made) });
  const { rows, sharedImages } = await lab.compareRuns({ first: made, second: id });
  expect(sharedImages).toBe(4);
  expect(rows).toHaveLength(1);
  expect(rows[0]!.differences.fileAdversarial).toMatchObject({ value: 0, told: false, paired: true });
  const empty = await bare();
  await expect(lab.compareRuns({ first: made, second: empty.id })).rejects.toThrow(/no images/);
  const copy = await lab.duplicateRun({ id: made });
  expect(copy.title).toBe('copy of tiny');
  expect(copy.recipe).toEqual((await lab.openRun({ id: made })).record.recipe);
});

type Entry = readonly [path: string, content: string, options?: ZipWriterAddDataOptions];

async function archive(entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const zip = new ZipWriter(new Uint8ArrayWriter());
  for (const [path, content, options] of entries) await zip.add(path, new TextReader(content), options);
  return new Uint8Array(await zip.close());
}

/** `run.json` of the made run, changed. */
async function record(change: object): Promise<Entry> {
  const kept = JSON.parse(await readFile(join(opened.dataDir, 'runs', made, 'run.json'), 'utf8'));
  return ['run/run.json', JSON.stringify({ ...kept, ...change })];
}

const crop = { file: '../../../secret.png', variant: 'clean', source: 0, label: 0, reasons: [] };
const capture = { name: 'a', file: 'captures/a.png', origin: 'file', crops: [crop] };

test.each<[string, readonly Entry[], RegExp]>([
  ['no run', [['a.txt', 'x']], /holds no run/],
  ['a path that leads out', [['run/../../evil', 'x']], /leads out of its folder/],
  ['an absolute path', [['/etc/evil', 'x']], /not within its folder/],
  ["a drive's path", [['C:/evil', 'x']], /characters that a file name may not have/],
  ['a path of Windows', [['run/..\\..\\evil', 'x']], /characters that a file name may not have/],
  ['a link', [['run/images', '/etc', { unixMode: 0o120777 }]], /is a symbolic link/],
  ['a password', [['run/a', 'x', { password: 'secret' }]], /encrypted/],
  [
    'two names for one file',
    [
      ['run/a/B.png', 'x'],
      ['run/a/b.png', 'x'],
    ],
    /one file on some systems/,
  ],
  ['a second folder', [['other/a', 'x']], /more than one run/],
  ['a crop elsewhere', [['run/captures/a.json', JSON.stringify(capture)]], /leads out of its folder/],
])('an archive with %s is refused, and nothing stays of it', async (what, entries, message) => {
  const before = await readdir(join(opened.dataDir, 'runs'));
  const bytes = await archive(what === 'no run' ? entries : [await record({}), ...entries]);
  await expect(lab.openZip({ name: 'x.zip', bytes })).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(message),
  });
  expect(await readdir(join(opened.dataDir, 'runs'))).toEqual(before);
});

test('a record that leads its stages elsewhere, or is none, is refused', async () => {
  const { variants } = (await lab.openRun({ id: made })).record;
  const open = async (change: object) =>
    lab.openZip({ name: 'x.zip', bytes: await archive([await record(change)]) });
  await expect(open({ variants: [{ ...variants[0], key: '../../evil' }] })).rejects.toThrow(/leads out/);
  await expect(open({ variants: [{ ...variants[0], key: 'a/b' }] })).rejects.toThrow(/no name/);
  await expect(open({ version: 2 })).rejects.toThrow(/^x\.zip.*version/);
  await expect(open({ id: '../../evil' })).rejects.toThrow(/id/);
  // A time is no path either.
  expect((await open({ created: '../../../evil' })).id).toMatch(/^[\w-]+tiny/);
});

test('bombs are refused by what they say of themselves, and by what they are', async () => {
  const target = await mkdtemp(join(tmpdir(), 'halftone-archive-'));
  const limits = { files: 5, bytes: 1 << 20, fileBytes: 1 << 20, pathLength: 100, depth: 4 };
  const open = (bytes: Uint8Array) => unzipRun(bytes, target, 'x.zip', limits);
  const zeros = await archive([await record({}), ['run/zeros', '0'.repeat(2 << 20)]]);
  expect(zeros.length).toBeLessThan(20_000);
  await expect(open(zeros)).rejects.toThrow(/larger than 1 MiB/);
  // The same, with a central directory (the second place that says so) and a local header that tell a smaller size.
  const size = Buffer.alloc(4);
  size.writeUInt32LE(2 << 20);
  const lie = Buffer.from(zeros);
  for (let at = lie.indexOf(size); at >= 0; at = lie.indexOf(size, at + 1)) lie.writeUInt32LE(1000, at);
  await expect(open(lie)).rejects.toThrow(/x\.zip/);
  const many = Array.from({ length: 6 }, (_, i): Entry => [`run/${i}`, 'x']);
  await expect(open(await archive(many))).rejects.toThrow(/more than 5 files/);
  await expect(open(await archive([['a/b/c/d/e/f', 'x']]))).rejects.toThrow(/deeper than/);
  await expect(open(Buffer.from('PK no zip at all'))).rejects.toThrow(/not a zip file/);
  const cut = zeros.subarray(0, zeros.length - 30);
  await expect(open(cut)).rejects.toThrow(/x\.zip/);
  await rm(target, { recursive: true, force: true });
});
