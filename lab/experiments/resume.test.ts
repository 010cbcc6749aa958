import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Attack, defineAttack, seeded } from '@halftone/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memorySource } from '../data/source.ts';
import { linearClassifier } from '../registry/testing.ts';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { type DigitalRequest, identityOf, runDigital } from './digital.ts';
import { openKept } from './kept.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-resume-'));
});
afterEach(() => rm(folder, { recursive: true }));

const input = { height: 2, width: 2, channels: 3 };
const random = seeded('resume');
const weights = Array.from({ length: 4 }, () => Array.from({ length: 12 }, () => random.normal()));
const classifier = linearClassifier(weights, input);
const images: ImageBatch = {
  ...input,
  count: 7,
  data: Float32Array.from({ length: 84 }, () => random.uniform()),
};
const source = memorySource(images, Int32Array.of(0, 1, 2, 3, 0, 1, 2));

let batches: number[] = [];
/** Random steps, one query a batch, a bound broken in the third image of all. */
const attack = defineAttack({
  name: 'noise',
  title: 'Noise',
  summary: 'Noise.',
  paper: { authors: 'A', title: 'T', year: 2020, url: 'https://example.org' },
  departures: [],
  access: 'score',
  criteria: ['untargeted'],
  norm: 'linf',
  budget: 'epsilon',
  parameters: { epsilon: { type: 'number', min: 0, max: 1, default: 0.1, help: 'Size.' } },
  async run({ tf, model, images, randoms, parameters: { epsilon } }) {
    batches.push(images.shape[0]);
    (await model.logits(images)).dispose();
    const data = images.dataSync().map((value, i) => {
      return value + epsilon * 1.2 * randoms[Math.floor(i / 12)]!.uniform(-1, 1);
    });
    return tf.tensor4d(data, images.shape);
  },
});
const request: DigitalRequest = {
  attack: attack as unknown as Attack,
  classifier,
  source,
  parameters: {},
  batch: 2,
  seed: 5,
};

/** All that a run is remembered by, without what depends on the clock. */
async function run(change: Partial<DigitalRequest> = {}) {
  const written: number[] = [];
  const onBatch = ({ raw }: { raw: ImageBatch }) => {
    written.push(...raw.data);
  };
  const { seconds: _, imagesPerSecond: __, ...result } = await runDigital({ ...request, onBatch, ...change });
  return { result, written };
}

test('a run that was interrupted goes on after its last finished batch to the same result', async () => {
  const whole = await run();
  expect(whole.result.violations.length).toBeGreaterThan(0);
  const path = join(folder, 'run');
  const abort = new AbortController();
  const first = await openKept(path, identityOf(request), { resume: false });
  const interrupted = run({
    kept: first,
    signal: abort.signal,
    onBatch: ({ start }) => {
      if (start === 2) abort.abort();
    },
  });
  await expect(interrupted).rejects.toMatchObject({ code: 'cancelled' });
  await first.close();

  batches = [];
  const again = await openKept(path, identityOf(request), { resume: true });
  expect(await run({ kept: again })).toEqual(whole);
  expect(batches).toEqual([2, 1]);
  const other = memorySource({ ...images, data: images.data.map((v) => 1 - v) }, source.labels);
  await expect(run({ kept: again, source: other })).rejects.toThrow('the images from number 0 on are others');
  await again.close();
});

test('a folder with a run in it is neither overwritten nor continued as another', async () => {
  const kept = await openKept(folder, identityOf(request), { resume: false });
  await expect(openKept(folder, identityOf(request), { resume: true })).rejects.toThrow('writes into');
  await kept.close();
  await expect(openKept(folder, identityOf(request), { resume: false })).rejects.toThrow(
    'holds a run already',
  );
  const other = identityOf({ ...request, seed: 6, parameters: { epsilon: 0.2 } });
  await expect(openKept(folder, other, { resume: true })).rejects.toThrow('with another parameters, seed');
  await expect(openKept(join(folder, 'no'), other, { resume: true })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('a run that takes too long ends, whether its attack heeds the signal or not', async () => {
  const endless = {
    ...request.attack,
    run: async ({ model, images }: { model: { labels(x: unknown): Promise<unknown> }; images: unknown }) => {
      for (;;) {
        await model.labels(images);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  } as unknown as Attack;
  const late = runDigital({ ...request, attack: endless, limitSeconds: 0.1 });
  await expect(late).rejects.toMatchObject({
    code: 'time-limit',
    message: "attack 'noise' on 7 images took longer than its limit of 0.1 s",
  });
  const deaf = { ...request.attack, run: () => new Promise(() => {}) } as unknown as Attack;
  await expect(runDigital({ ...request, attack: deaf, limitSeconds: 0.05 })).rejects.toMatchObject({
    code: 'time-limit',
  });
});
