import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose, findSet } from '../lab/data/sets/index.ts';
import { argmax } from '../lab/runtime/scores.ts';
import { halftone, writeLinearModel, writeTinyModel } from './testing.ts';

let cwd: string;
const run = (...args: string[]) => halftone(args, { cwd, env: { HALFTONE_DATA: join(cwd, 'lab') } });
/** The mean image of each digit over the first training images, as a linear classifier: [784, 10]. */
const weights = new Float32Array(784 * 10);

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'halftone-data-'));
  const set = await findSet('mnist').open('');
  const { images, labels } = await set.splits.train.read(Array.from({ length: 2000 }, (_, i) => i));
  const counts = labels.reduce((sums, label) => sums.with(label, sums[label]! + 1), new Float32Array(10));
  images.data.forEach((value, at) => {
    const label = labels[Math.floor(at / 784)]!;
    weights[(at % 784) * 10 + label]! += value / counts[label]!;
  });
  const mean = (pixel: number) => weights.subarray(pixel * 10, pixel * 10 + 10).reduce((a, b) => a + b) / 10;
  for (let pixel = 0; pixel < 784; pixel++) {
    const middle = mean(pixel);
    for (let label = 0; label < 10; label++) weights[pixel * 10 + label]! -= middle;
  }
  await writeLinearModel(join(cwd, 'linear.onnx'), {
    height: 28,
    width: 28,
    channels: 1,
    classes: 10,
    weights,
  });
  await writeLinearModel(join(cwd, 'few.onnx'), {
    height: 28,
    width: 28,
    channels: 1,
    classes: 9,
    weights: weights.subarray(0, 784 * 9),
  });
  await writeTinyModel(join(cwd, 'tiny.onnx'));
  await mkdir(join(cwd, 'empty'));
  await mkdir(join(cwd, 'cut'));
  await writeFile(join(cwd, 'cut', 'train-images-idx3-ubyte'), Uint8Array.of(0, 0, 8, 3, 0, 0));
  for (const name of ['train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) {
    await writeFile(join(cwd, 'cut', name), Uint8Array.of());
  }
});
afterAll(() => rm(cwd, { recursive: true }));

/** What the linear classifier says of images of MNIST, computed here. */
async function predictions(
  choice: Parameters<typeof choose>[1],
): Promise<{ said: number[]; labels: number[] }> {
  const source = choose(await findSet('mnist').open(''), choice);
  const { data } = await source.read(0, source.count);
  const logits = new Float32Array(source.count * 10);
  for (let at = 0; at < data.length; at++) {
    const image = Math.floor(at / 784);
    for (let k = 0; k < 10; k++) logits[image * 10 + k]! += data[at]! * weights[(at % 784) * 10 + k]!;
  }
  return { said: [...argmax(logits, 10)], labels: [...source.labels] };
}

test('a data set is attacked, and the images written say their labels', async () => {
  const args = ['attack', 'linear.onnx', '--attack', 'fgsm', '--set', 'epsilon=0.25', '--data', 'mnist'];
  const { code, stdout, stderr } = await run(...args, '--count', '60', '--out', 'adv', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const report = JSON.parse(stdout);
  const { said, labels } = await predictions({ split: 'test', count: 60 });
  const right = said.filter((label, i) => label === labels[i]).length;
  expect(report).toMatchObject({ count: 60, data: 'mnist', split: 'test', clean: { predictions: said } });
  expect(report.clean.top1.successes).toBe(right);
  expect(report.adversarial.top1.successes).toBeLessThan(right / 2);
  const files = await readdir(join(cwd, 'adv'));
  expect(files).toHaveLength(60);
  expect(files).toContain('7_test-0000.png');
  const digits = JSON.stringify(Array.from('0123456789'));
  await writeFile(join(cwd, 'digits.json'), digits);
  const again = await run(
    ...['attack', 'linear.onnx', '--attack', 'bim', '--set', 'epsilon=0', '--json'],
    ...['--folder', 'adv', '--classes', 'digits.json'],
  );
  expect(JSON.parse(again.stdout).clean.top1).toEqual(report.adversarial.top1);
});

test('a seed chooses from a split; targets go by the data set’s names', async () => {
  const args = ['attack', 'linear.onnx', '--attack', 'fgsm', '--data', 'mnist', '--split', 'train'];
  const { code, stdout } = await run(
    ...args,
    ...['--count', '20', '--shuffle-seed', '5', '--target-class', '3', '--json'],
  );
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  const { said } = await predictions({ split: 'train', count: 20, shuffleSeed: 5 });
  expect(report).toMatchObject({ split: 'train', shuffleSeed: 5, clean: { predictions: said } });
  const hits = report.adversarial.predictions.filter((label: number) => label === 3).length;
  expect(report.targetHits.successes).toBe(hits);
});

test('models eval counts what the model gets right', async () => {
  const args = ['models', 'eval', 'linear.onnx', '--data', 'mnist', '--count', '300', '--batch', '128'];
  const { code, stdout } = await run(...args, '--json');
  expect(code).toBe(0);
  const { said, labels } = await predictions({ split: 'test', count: 300 });
  const successes = said.filter((label, i) => label === labels[i]).length;
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ data: 'mnist', split: 'test', count: 300 },
    ...{ top1: { successes, n: 300 }, predictions: said },
  });
});

test('data lists and describes what is here', async () => {
  const listed = JSON.parse((await run('data', '--json')).stdout);
  const here = Object.fromEntries(listed.map((set: { name: string; here: boolean }) => [set.name, set.here]));
  expect(here).toMatchObject({ mnist: true, 'fashion-mnist': false, 'cifar-10': false });
  const { stdout } = await run('data', 'info', 'mnist');
  expect(stdout).toContain('28×28×1; 60000 images to train on, 10000 to test on');
});

const attack = ['attack', 'linear.onnx', '--attack', 'fgsm', '--data'];
test.each<[string, string[], string]>([
  ['an unknown data set', [...attack, 'imagenet'], "there is no data set 'imagenet'; there are mnist, "],
  [
    'a data set to be added',
    [...attack, 'cifar-10'],
    "cifar-10 isn't here: run halftone data get cifar-10, or get",
  ],
  [
    'more images than there are',
    [...attack, 'mnist', '--count', '10001'],
    'the test split of mnist has 10000',
  ],
  [
    'a model for other images',
    ['attack', 'tiny.onnx', '--attack', 'fgsm', '--data', 'mnist'],
    'the images of mnist are 28×28×1; the model takes 4×4×3',
  ],
  [
    'a model for other classes',
    ['attack', 'few.onnx', '--attack', 'fgsm', '--data', 'mnist'],
    'mnist has 10 classes, the model has 9',
  ],
  [
    'a split of a folder',
    ['attack', 'linear.onnx', '--attack', 'fgsm', '--folder', 'empty', '--split', 'train'],
    '--split and --shuffle-seed go with --data',
  ],
  ['a folder without the files', ['data', 'add', 'cifar-10', 'empty'], 'data_batch_1.bin: no such file'],
  [
    'files that are cut',
    ['data', 'add', 'fashion-mnist', 'cut'],
    'train-images-idx3-ubyte: truncated in its header',
  ],
])('%s: one line, exit code 2, nothing left behind', async (_, args, message) => {
  const before = await readdir(cwd);
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^halftone: [^\n]+\n$/);
  expect(await readdir(cwd)).toEqual(before);
});
