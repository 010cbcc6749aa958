import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateGraph } from '../graph/evaluate/index.ts';
import { readModelFile } from '../graph/index.ts';
import { numbersOf } from '../graph/tensors.ts';
import { loadCard } from '../runtime/card.ts';
import { openClassifier } from '../runtime/classifier.ts';
import { createRuntime, type Runtime } from '../runtime/index.ts';
import { argmax } from '../runtime/scores.ts';
import { buildNetwork, INPUT, OUTPUT } from './build.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { TrainingState } from './state.ts';
import { madeUpData, tinyRecipe } from './testing.ts';
import { type TrainOptions, train } from './train.ts';

const data = madeUpData();
let runtime: Runtime;
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-training-'));
  runtime = await createRuntime({ providers: ['cpu'], threads: 2 });
});
afterAll(async () => {
  await runtime.close();
  await rm(root, { recursive: true });
});

function fresh(): string {
  folders += 1;
  return join(root, String(folders));
}

const run = (folder: string, changes: object = {}, options: Partial<TrainOptions> = {}) =>
  train(tinyRecipe(changes), data, { runtime, folder, ...options });

const lastOf = (folder: string) => readCheckpoint(join(folder, 'last.checkpoint'));

/** Trains until this many steps are done, then cancels. */
async function interrupted(folder: string, steps: number, changes: object = {}): Promise<void> {
  const abort = new AbortController();
  const onProgress = ({ step }: { step: number }) => {
    if (step === steps) abort.abort();
  };
  await expect(run(folder, changes, { signal: abort.signal, onProgress })).rejects.toThrow(
    `cancelled after step ${steps}`,
  );
}

describe('a training', () => {
  it('learns, reports, and writes a model with its card', async () => {
    const folder = fresh();
    const losses: number[] = [];
    const left: number[] = [];
    const result = await run(
      folder,
      { validation: 32 },
      {
        onProgress: ({ ended, secondsLeft }) => {
          if (ended) losses.push(ended.loss);
          left.push(secondsLeft);
        },
      },
    );
    expect(losses).toHaveLength(8);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4);
    expect(result.accuracy.share).toBeGreaterThan(0.95);
    expect(result.accuracy.n).toBe(96);
    expect(left.at(-1)).toBe(0);

    const bytes = await readFile(result.model);
    const card = await loadCard(result.model);
    expect(card!.training).toMatchObject({
      data: 'bars',
      seed: 3,
      epochs: result.epoch,
      provider: 'CPU, 2 threads',
    });
    expect(card!.training!.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(card!.classes!.map(({ name }) => name)).toEqual(['lying', 'standing', 'none']);
    const classifier = await openClassifier(result.model, { providers: ['cpu'] });
    const { images, labels } = await data.splits.test.read(Int32Array.from({ length: 96 }, (_, i) => i));
    const logits = await classifier.logits(images);
    await classifier.close();
    const right = argmax(logits, 3).filter((best, i) => best === labels[i]);
    expect(right.length).toBe(result.accuracy.successes);
    expect((await readdir(folder)).sort()).toEqual([
      'best.checkpoint',
      'last.checkpoint',
      'recipe.json',
      'tiny.json',
      'tiny.onnx',
    ]);
  });

  it('comes to the same weights twice, and to others with another seed', async () => {
    const [first, second, other] = [fresh(), fresh(), fresh()];
    await run(first, { epochs: 2 });
    await run(second, { epochs: 2 });
    await run(other, { epochs: 2, seed: 4 });
    expect(await lastOf(second)).toEqual(await lastOf(first));
    expect((await lastOf(other)).arrays[0]).not.toEqual((await lastOf(first)).arrays[0]);
  });

  it.each([
    ['within an epoch', 13],
    ['at its end', 10],
  ])('interrupted %s and resumed ends as if it had not been', async (_where, steps) => {
    // Dropout, running statistics, momentum, a schedule and validation are all in it.
    const changes = { epochs: 3, validation: 12, optimizer: { type: 'sgd', rate: 0.05, momentum: 0.9 } };
    const [whole, parted] = [fresh(), fresh()];
    const result = await run(whole, changes);
    await interrupted(parted, steps, changes);
    const resumed = await run(parted, changes, { resume: true });
    expect(await readFile(join(parted, 'last.checkpoint'))).toEqual(
      await readFile(join(whole, 'last.checkpoint')),
    );
    expect(await readFile(resumed.model)).toEqual(await readFile(result.model));
    expect(resumed.history).toEqual(result.history);
  });

  it('killed and resumed goes back to its last checkpoint, and ends as if it had not been', async () => {
    const [whole, parted] = [fresh(), fresh()];
    await run(whole, { epochs: 2 });
    const onProgress = ({ step }: { step: number }) => {
      if (step === 13) throw new Error('killed');
    };
    await expect(run(parted, { epochs: 2 }, { onProgress })).rejects.toThrow('killed');
    expect((await lastOf(parted)).progress.step).toBe(10);
    await run(parted, { epochs: 2 }, { resume: true });
    expect(await lastOf(parted)).toEqual(await lastOf(whole));
  });

  it('ends early when the validation accuracy stays behind, and keeps the best epoch', async () => {
    // A rate this small changes nothing: the first epoch stays the best.
    const changes = {
      epochs: 9,
      validation: 12,
      patience: 2,
      optimizer: { type: 'sgd', rate: 1e-9 },
      schedule: { type: 'constant' },
    };
    const result = await run(fresh(), { ...changes, network: { layers: [{ type: 'dense', units: 3 }] } });
    expect(result.history).toHaveLength(3);
    expect(result.epoch).toBe(1);
  });

  it('takes the hooks in turn: augmented, then attacked with the gradient at the images', async () => {
    const seen: number[] = [];
    const changes = { epochs: 1, network: { layers: [{ type: 'dense', units: 3 }] } };
    await run(fresh(), changes, {
      augment: ({ images, labels }) => ({ images: { ...images, data: images.data.fill(0.5) }, labels }),
      adversary: async (batch, { gradient }) => {
        const slope = await gradient(batch);
        seen.push(slope.length, ...new Set(batch.images.data));
        const moved = batch.images.data.map((v, i) => v + 0.25 * Math.sign(slope[i]!));
        return { ...batch, images: { ...batch.images, data: moved } };
      },
    });
    expect(seen.slice(0, 2)).toEqual([20 * 64, 0.5]);
  });
});

describe('what goes wrong', () => {
  it('a loss that is no number stops with the step, the last good checkpoint kept', async () => {
    const folder = fresh();
    let batches = 0;
    const augment: NonNullable<TrainOptions['augment']> = ({ images, labels }) => {
      batches += 1;
      const broken = batches === 13 ? images.data.fill(Number.NaN) : images.data;
      return { images: { ...images, data: broken }, labels };
    };
    await expect(run(folder, {}, { augment })).rejects.toMatchObject({
      code: 'not-finite',
      message: expect.stringContaining('the loss is NaN at step 13 (epoch 2)'),
    });
    const { progress, arrays } = await lastOf(folder);
    expect(progress.step).toBe(10);
    expect(arrays.every(({ data: values }) => values.every(Number.isFinite))).toBe(true);
  });

  it('weights that are no numbers are never saved', async () => {
    const folder = fresh();
    const changes = {
      epochs: 1,
      batch: 192,
      optimizer: { type: 'sgd', rate: 1e38 },
      schedule: { type: 'constant' },
    };
    await expect(run(folder, { ...changes, weightDecay: 1e10 })).rejects.toThrow(/no longer finite at step/);
    expect((await lastOf(folder)).progress.step).toBe(0);
  });

  it('two trainings do not share a folder, and one does not overwrite another', async () => {
    const folder = fresh();
    const first = run(folder, { epochs: 1 });
    await expect(run(folder, { epochs: 1 })).rejects.toThrow(/another training \(process \d+\) writes into/);
    await first;
    await expect(run(folder, { epochs: 1 })).rejects.toThrow('holds a training already');
    // What a killed process leaves behind stops nobody; a living one of another process does.
    const lock = (holder: object) => writeFile(join(folder, 'training.lock'), JSON.stringify(holder));
    await lock({ process: process.ppid, host: hostname() });
    await expect(run(folder, { epochs: 1 }, { resume: true })).rejects.toThrow('another training');
    await lock({ process: 2 ** 22 + 1, host: hostname() });
    await run(folder, { epochs: 1 }, { resume: true });
  });

  it('another recipe, nothing to resume, a network that does not fit', async () => {
    const folder = fresh();
    await interrupted(folder, 2, { epochs: 1 });
    await expect(run(folder, { epochs: 2 }, { resume: true })).rejects.toThrow(/with another epochs/);
    await expect(run(fresh(), {}, { resume: true })).rejects.toMatchObject({ code: 'not-found' });
    const wide = { network: { layers: [{ type: 'dense', units: 4 }] } };
    await expect(run(fresh(), wide)).rejects.toThrow('the network ends in N×4, bars has 3 classes');
    expect(() => tinyRecipe({ patience: 2 })).toThrow(/patience: needs validation images/);
    expect(() => tinyRecipe({ epochs: 0 })).toThrow(/epochs/);
    await expect(run(fresh(), { validation: 192 })).rejects.toThrow('leave none of the 192');
  });

  it('a checkpoint that is cut short or altered is refused', async () => {
    const path = join(root, 'c.checkpoint');
    const progress = { step: 1, lossSum: 0.5, seen: 2, right: 1, history: [] };
    const whole = { recipe: {}, progress, arrays: [{ name: 'a', dims: [2], data: Float32Array.of(1, -2) }] };
    await writeCheckpoint(path, whole);
    expect(await readCheckpoint(path)).toEqual(whole);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, -4));
    await expect(readCheckpoint(path)).rejects.toThrow('holds 4 bytes of weights, not 8');
    await writeFile(
      path,
      bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    );
    await expect(readCheckpoint(path)).rejects.toThrow('was altered');
    await writeFile(path, 'something else');
    await expect(readCheckpoint(path)).rejects.toThrow('is no checkpoint');
  });
});

it('the written model is the network with its running statistics, folded', async () => {
  const folder = fresh();
  const recipe = tinyRecipe({
    epochs: 1,
    network: {
      layers: [
        { type: 'conv', filters: 4, kernel: 3, bias: false },
        { type: 'batch-norm' },
        { type: 'transposed-conv', filters: 6, kernel: 3, stride: 2, groups: 2 },
        { type: 'batch-norm' },
        { type: 'dense', units: 5 },
        { type: 'batch-norm' },
        { type: 'dense', units: 3 },
      ],
    },
  });
  const { model } = await train(recipe, data, { runtime, folder });
  const written = await readModelFile(model);
  expect(written.nodes.map(({ op }) => op)).toEqual(['Conv', 'ConvTranspose', 'Flatten', 'Gemm', 'Gemm']);
  const training = buildNetwork(recipe.network, { mode: 'training', layout: 'nchw', input: data });
  const { weights } = new TrainingState(recipe, training, await lastOf(folder));
  expect(numbersOf(weights.get('1/mean')!).some((mean) => Math.abs(mean) > 1e-3)).toBe(true);
  const plain = buildNetwork(recipe.network, { mode: 'inference', layout: 'nchw', input: data, weights });
  const { images } = await data.splits.test.read([0, 1, 2]);
  const x = { [INPUT]: { dtype: 'float32' as const, dims: [3, 1, 8, 8], data: images.data } };
  const [ours, theirs] = [plain.graph, written].map((graph) =>
    numbersOf([...evaluateGraph(graph, x).values()][0]!),
  );
  expect(written.outputs[0]!.name).toBe(OUTPUT);
  ours!.forEach((value, i) => {
    expect(theirs![i]).toBeCloseTo(value, 4);
  });
});
