import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '@halftone/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readImages, writePng } from '../lab/data/images.ts';
import { readNpy, writeNpy } from '../lab/data/npy.ts';
import { softmaxRows } from '../lab/runtime/scores.ts';
import { halftone, tiny, tinyWeights, writeTinyModel } from './testing.ts';

let cwd: string;
const count = 6;
const random = seeded('cli');
/** NCHW, on the 256 levels. */
const x = Float32Array.from({ length: count * 48 }, () => random.integer(256) / 255);
const y = Int32Array.from({ length: count }, () => random.integer(3));
const run = (...args: string[]) => halftone(args, { cwd });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'halftone-cli-'));
  await writeTinyModel(join(cwd, 'm.onnx'));
  await writeTinyModel(join(cwd, 'two.onnx'), ['a', 'b']);
  await writeFile(join(cwd, 'cut.onnx'), Buffer.from('\u0008\u0008garbage'));
  await writeFile(join(cwd, 'classes.json'), JSON.stringify(['cat', 'dog', 'fox']));
  const shape = [count, 3, 4, 4];
  await writeNpy(join(cwd, 'x.npy'), { dtype: 'float32', shape, data: x });
  await writeNpy(join(cwd, 'nan.npy'), {
    dtype: 'float32',
    shape,
    data: x.map((v, i) => (i === 100 ? Number.NaN : v)),
  });
  await writeNpy(join(cwd, 'small.npy'), { dtype: 'float32', shape: [count * 4, 3, 2, 2], data: x });
  await writeNpy(join(cwd, 'y.npy'), { dtype: 'int64', shape: [count], data: BigInt64Array.from(y, BigInt) });
  await writeNpy(join(cwd, 'far.npy'), { dtype: 'int32', shape: [count], data: y.map(() => 3) });
  await mkdir(join(cwd, 'photos'));
  for (const [i, word] of ['cat', 'dog', 'fox'].entries()) {
    const images = { data: x.slice(i * 48, (i + 1) * 48), count: 1, height: 4, width: 4, channels: 3 };
    await writePng(join(cwd, 'photos', `${word}_${i}.png`), images, 0);
  }
});
afterAll(() => rm(cwd, { recursive: true }));

/** softmax(W·x) − one-hot, through W: the gradient of each image's cross-entropy, NCHW. */
function closedForm(): Float32Array {
  const logits = Float32Array.from({ length: count * 3 }, (_, at) => {
    const image = x.subarray(Math.floor(at / 3) * 48);
    return tinyWeights.reduce(
      (sum, weight, i) => sum + (i % 3 === at % 3 ? weight * image[Math.floor(i / 3)]! : 0),
      0,
    );
  });
  const slopes = softmaxRows(logits, 3).map(
    (share, at) => share - (y[Math.floor(at / 3)] === at % 3 ? 1 : 0),
  );
  return x.map((_, at) => {
    const [image, pixel] = [Math.floor(at / 48), at % 48];
    return [0, 1, 2].reduce((sum, k) => sum + slopes[image * 3 + k]! * tinyWeights[pixel * 3 + k]!, 0);
  });
}

const data = ['--images', 'x.npy', '--labels', 'y.npy'];

test('gradient writes the gradient of the mean loss, whatever the batch', async () => {
  const { code, stdout, stderr } = await run(
    'gradient',
    'm.onnx',
    ...data,
    '--out',
    'g.npy',
    '--batch',
    '4',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ images: count, layout: 'nchw', shape: [count, 3, 4, 4] });
  const { dtype, shape, data: gradient } = await readNpy(join(cwd, 'g.npy'));
  expect({ dtype, shape }).toEqual({ dtype: 'float32', shape: [count, 3, 4, 4] });
  for (const [i, value] of closedForm().entries()) expect(Number(gradient[i])).toBeCloseTo(value / count, 5);
});

test('attack writes the images that it measured', async () => {
  const args = ['attack', 'm.onnx', ...data, '--set', 'epsilon=8/255', '--json'];
  const { code, stdout } = await run(...args, '--attack', 'fgsm', '--out', 'adv.npy', '--raw-out', 'raw.npy');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ attack: 'fgsm', count, spent: { gradients: count }, violations: [] });
  const raw = (await readNpy(join(cwd, 'raw.npy'))).data as Float32Array;
  const rounded = (await readNpy(join(cwd, 'adv.npy'))).data as Float32Array;
  for (const [i, slope] of closedForm().entries()) {
    const expected = Math.min(Math.max(x[i]! + (8 / 255) * Math.sign(slope), 0), 1);
    expect(raw[i]).toBeCloseTo(expected, 6);
    expect(rounded[i]).toBeCloseTo(Math.round(expected * 255) / 255, 6);
  }
  const again = await run(
    'attack',
    'm.onnx',
    '--images',
    'adv.npy',
    '--labels',
    'y.npy',
    '--attack',
    'bim',
    '--set',
    'epsilon=0',
    '--json',
  );
  expect(JSON.parse(again.stdout).clean).toEqual(report.adversarial);
});

test('a folder is attacked, written as PNG and read back with the same verdict', async () => {
  const args = ['--classes', 'classes.json', '--attack', 'bim', '--set', 'epsilon=16/255', '--json'];
  const first = await run(
    'attack',
    'm.onnx',
    '--folder',
    'photos',
    ...args,
    '--out',
    'adv',
    '--target-class',
    'fox',
  );
  expect(first.code).toBe(0);
  const report = JSON.parse(first.stdout);
  expect(report.targetHits.n).toBe(3);
  expect(await readdir(join(cwd, 'adv'))).toEqual(['cat_0.png', 'dog_1.png', 'fox_2.png']);
  const names = (await readdir(join(cwd, 'adv'))).map((name) => join('adv', name));
  const verdict = await run(
    'classify',
    'm.onnx',
    ...names,
    '--top',
    '1',
    '--json',
    '--classes',
    'classes.json',
  );
  const labels = JSON.parse(verdict.stdout).map(
    (answer: { top: { index: number }[] }) => answer.top[0]!.index,
  );
  expect(labels).toEqual(report.adversarial.predictions);
  const back = await readImages([join(cwd, 'adv', 'cat_0.png')], tiny);
  expect(back.data.length).toBe(48);
});

test('reports for people carry counts and intervals', async () => {
  const { code, stdout } = await run('attack', 'm.onnx', ...data, '--attack', 'fgsm');
  expect(code).toBe(0);
  expect(stdout).toMatch(/adversarial {2}\d+\.\d% \(\d\/6, 95% \d+\.\d–\d+\.\d\)/);
  const check = await run('models', 'check', 'm.onnx');
  expect(check.stdout).toContain('reads, runs and differentiates on CPU');
});

test('bench counts what it multiplies', async () => {
  const { code, stdout } = await run(
    'bench',
    'gradient',
    'm.onnx',
    '--batch',
    '2',
    '--repeat',
    '2',
    '--threads',
    '1',
    '--json',
  );
  expect(code).toBe(0);
  const { forward, provider } = JSON.parse(stdout);
  expect(provider).toContain('1 thread');
  expect(forward.gflopPerSecond * forward.medianMs * 1e6).toBeCloseTo(2 * 2 * 48 * 3, 3);
});

const attack = ['attack', 'm.onnx', '--attack', 'fgsm'];
test.each<[string, string[], string]>([
  ['no such model', ['attack', 'no.onnx', '--attack', 'fgsm', ...data], 'no.onnx'],
  ['a model that is none', ['gradient', 'cut.onnx', ...data, '--out', 'bad.npy'], 'cut.onnx'],
  ['a model of two inputs', ['gradient', 'two.onnx', ...data, '--out', 'bad.npy'], 'input'],
  [
    'NaN in the images',
    [...attack, '--images', 'nan.npy', '--labels', 'y.npy', '--out', 'bad.npy'],
    'nan.npy: image 2 holds NaN',
  ],
  [
    'images of another size',
    [...attack, '--images', 'small.npy', '--labels', 'y.npy'],
    'small.npy: shape [24, 3, 2, 2]; the model takes',
  ],
  [
    'labels out of range',
    ['gradient', 'm.onnx', '--images', 'x.npy', '--labels', 'far.npy', '--out', 'bad.npy'],
    'label 3 of image 0 is outside 0 to 2',
  ],
  [
    'a folder that is not there',
    [...attack, ...data, '--out', 'none/bad.npy'],
    "none/bad.npy: its folder doesn't exist",
  ],
  ['a provider that is not there', [...attack, ...data, '--provider', 'dml'], 'dml'],
  ['an unknown provider', [...attack, ...data, '--provider', 'abacus'], "'abacus' is none of cuda, webgpu"],
  ['an unknown option', [...attack, ...data, '--epsilon', '1'], "unknown option '--epsilon'"],
  ['an unknown parameter', [...attack, ...data, '--set', 'eps=1'], "fgsm has no parameter 'eps'"],
  ['ε in levels', [...attack, ...data, '--set', 'epsilon=8'], 'write 8/255'],
  ['an unknown attack', ['attack', 'm.onnx', '--attack', 'zap', ...data], "no attack is called 'zap'"],
  ['a data set', [...attack, '--data', 'imagenet'], "there is no data set 'imagenet'"],
])('%s: one line, exit code 2, nothing left behind', async (_, args, message) => {
  const before = await readdir(cwd);
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^halftone: [^\n]+\n$/);
  expect(await readdir(cwd)).toEqual(before);
});

test('an interrupt ends a run with 130 and leaves nothing behind', async () => {
  const before = await readdir(cwd);
  const args = ['attack', 'm.onnx', '--attack', 'bim', '--folder', 'photos', '--classes', 'classes.json'];
  // The folder that the images are gathered in shows that the run has begun.
  const interruptWhen = async () => (await readdir(cwd)).some((name) => name.startsWith('bad.'));
  const { code, stderr } = await halftone([...args, '--set', 'steps=100000', '--out', 'bad'], {
    cwd,
    interruptWhen,
  });
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'halftone: cancelled\n' });
  expect(await readdir(cwd)).toEqual(before);
});
