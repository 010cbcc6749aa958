import { throwIfCancelled } from '@halftone/sdk';
import { readModelFile } from '../graph/index.ts';
import type { Classifier, ImageBatch } from './classifier-types.ts';
import { forwardFlops } from './flops.ts';

export interface BenchOptions {
  /** Images at once. */
  readonly batch: number;
  /** Timed runs of each kind, after one that isn't counted. */
  readonly repeat: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** One kind of run. */
export interface Timing {
  /** Median over the runs, for the whole batch, in milliseconds. */
  readonly medianMs: number;
  /** Every run's time. */
  readonly runsMs: readonly number[];
  /** Null where the operations couldn't be counted. */
  readonly gflopPerSecond: number | null;
}

export interface BenchResult {
  readonly model: string;
  readonly provider: string;
  readonly batch: number;
  readonly repeat: number;
  readonly input: Classifier['input'];
  readonly forward: Timing;
  /** Forward pass and input gradient of the cross-entropy together. */
  readonly gradient: Timing;
  /** Most memory of the process since its start. */
  readonly peakBytes: number;
}

/**
 * Times a classifier: forward, and forward with input gradient, one of each in turn, so that both meet the same
 * machine. The images are noise. Throws what the classifier throws.
 */
export async function benchGradient(
  path: string,
  classifier: Classifier,
  options: BenchOptions,
): Promise<BenchResult> {
  const { batch, repeat } = options;
  const images = noise(classifier.input, batch);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % classifier.classes);
  const forwardMs: number[] = [];
  const gradientMs: number[] = [];
  for (let run = 0; run <= repeat; run++) {
    throwIfCancelled(options.signal);
    forwardMs.push(await timed(() => classifier.logits(images)));
    gradientMs.push(
      await timed(() => classifier.gradient({ images, labels, loss: { kind: 'cross-entropy' } })),
    );
    options.onProgress?.(run, repeat);
  }
  // Before the model is read once more, to count.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const flops = await countFlops(path, batch);
  return {
    model: classifier.card.name,
    provider: classifier.provider,
    batch,
    repeat,
    input: classifier.input,
    forward: timing(forwardMs.slice(1), flops),
    // The backward pass to the input multiplies by the same weights once more.
    gradient: timing(gradientMs.slice(1), flops === undefined ? undefined : 2 * flops),
    peakBytes,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function timing(runsMs: readonly number[], flops: number | undefined): Timing {
  const sorted = [...runsMs].sort((a, b) => a - b);
  const medianMs = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  return { medianMs, runsMs, gflopPerSecond: flops === undefined ? null : flops / medianMs / 1e6 };
}

async function countFlops(path: string, batch: number): Promise<number | undefined> {
  return forwardFlops(await readModelFile(path), batch);
}

function noise({ height, width, channels }: Classifier['input'], count: number): ImageBatch {
  let state = 1;
  const data = Float32Array.from({ length: count * height * width * channels }, () => {
    // Numerical Recipes' linear congruential generator: noise to time with, nothing more.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
  return { data, count, height, width, channels };
}
