import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NpyArray, readNpy } from '../lab/data/npy.ts';
import type { Case } from './cases.ts';
import { type Ours, openOurs, toNhwc } from './ours.ts';
import { median, relativeError } from './statistics.ts';
import { CACHE, type Inputs, type Torch } from './torch.ts';

/** What was measured of one model; times are medians in milliseconds. */
export interface Measurement {
  readonly name: string;
  readonly forward: { readonly ours: number; readonly torch: number };
  /** Forward and input gradient together. */
  readonly gradient: { readonly ours: number; readonly torch: number };
  /** Relative L2 distance from PyTorch's float64 gradient. */
  readonly error: { readonly ours: number; readonly torch: number };
}

export interface Settings {
  readonly batch: number;
  readonly threads: number;
  /** Alternations of ours and theirs. */
  readonly rounds: number;
  /** Images of the comparison with float64, which is slow. */
  readonly checkBatch: number;
}

/** A pause before each repetition, so that neither side meets the other's threads still spinning. */
const PAUSE_MS = 40;

/** Measures one model, ours and PyTorch in turn. */
export async function measure(model: Case, torch: Torch, settings: Settings): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'halftone-bench-'));
  const ours = await openOurs(join(CACHE, `${model.name}.onnx`), settings.threads);
  try {
    await torch.load(model.name);
    const timed = await makeInputs(torch, model.name, settings.batch, folder);
    const forward = await alternate(settings.rounds, {
      ours: () => ours.forward(timed.x),
      torch: () => torch.time('forward', timed.files),
    });
    const gradient = await alternate(settings.rounds, {
      ours: () => ours.gradient(timed.x, timed.labels),
      torch: () => torch.time('gradient', timed.files),
    });
    const error = await compareGradients(model.name, ours, torch, settings.checkBatch, folder);
    return { name: model.name, forward, gradient, error };
  } finally {
    await ours.close();
    await rm(folder, { recursive: true });
  }
}

interface Loaded {
  readonly files: Inputs;
  /** The images, NHWC. */
  readonly x: Float32Array;
  readonly labels: Int32Array;
}

async function makeInputs(torch: Torch, model: string, batch: number, folder: string): Promise<Loaded> {
  const files = { x: join(folder, `x${batch}.npy`), labels: join(folder, `labels${batch}.npy`) };
  await torch.inputs(model, batch, files);
  const x = await readNpy(files.x);
  const labels = await readNpy(files.labels);
  return {
    files,
    x: nhwc(x),
    labels: Int32Array.from(labels.data as BigInt64Array, Number),
  };
}

/** PyTorch's images and gradients in the layout of ours. */
function nhwc({ data, shape }: NpyArray): Float32Array {
  const [, channels = 0, height = 0, width = 0] = shape;
  return toNhwc(Float32Array.from(data as Float32Array), channels, height * width);
}

/** Rounds that don't count: memory is first touched and patterns of it are learned, for two or three runs. */
const WARM_UPS = 3;

/** Ours takes its time around the call, queue and copies included; PyTorch's is taken inside its process. */
interface Sides {
  ours: () => Promise<unknown>;
  torch: () => Promise<number>;
}

async function alternate(rounds: number, sides: Sides): Promise<{ ours: number; torch: number }> {
  const times = { ours: [] as number[], torch: [] as number[] };
  for (let round = -WARM_UPS; round < rounds; round++) {
    // Who goes first changes from round to round.
    for (const side of round % 2 === 0 ? (['ours', 'torch'] as const) : (['torch', 'ours'] as const)) {
      await sleep(PAUSE_MS);
      const start = performance.now();
      const reported = await sides[side]();
      const elapsed = side === 'torch' ? (reported as number) : performance.now() - start;
      if (round >= 0) times[side].push(elapsed);
    }
  }
  return { ours: median(times.ours), torch: median(times.torch) };
}

async function compareGradients(
  model: string,
  ours: Ours,
  torch: Torch,
  batch: number,
  folder: string,
): Promise<Measurement['error']> {
  const { files, x, labels } = await makeInputs(torch, model, batch, folder);
  const result = await ours.gradient(x, labels);
  const theirs = async (dtype: 'float32' | 'float64'): Promise<Float32Array> => {
    const out = join(folder, `${dtype}.npy`);
    await torch.gradient(dtype, files, out);
    return nhwc(await readNpy(out));
  };
  const single = await theirs('float32');
  const double = await theirs('float64');
  return { ours: relativeError(result, double), torch: relativeError(single, double) };
}
