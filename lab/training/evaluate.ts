import { throwIfCancelled } from '@halftone/sdk';
import type { Split } from '../data/sets/types.ts';
import { type Proportion, proportion } from '../experiments/metrics.ts';
import { writeModel } from '../graph/index.ts';
import type { Graph } from '../graph/ir.ts';
import type { Runtime } from '../runtime/index.ts';
import { argmax } from '../runtime/scores.ts';

/** Images at once: enough to keep the cores busy. */
const BATCH = 256;

/**
 * How many of these images a graph classifies right: its one input takes them N×H×W×C, its one output is logits.
 * On a runtime that is there, whereas `measureAccuracy` of the experiments asks a classifier, which has its own.
 * Throws `cancelled`.
 */
export async function countAccuracy(
  runtime: Runtime,
  graph: Graph,
  split: Split,
  indices: Int32Array,
  signal?: AbortSignal,
): Promise<Proportion> {
  const [input, output] = [graph.inputs[0]!.name, graph.outputs[0]!.name];
  const session = await runtime.load(writeModel(graph), { name: 'the network' });
  try {
    let right = 0;
    let next = split.read(indices.subarray(0, BATCH), signal);
    for (let start = 0; start < indices.length; start += BATCH) {
      throwIfCancelled(signal);
      const { images, labels } = await next;
      const { count, height, width, channels } = images;
      const tensor = { dtype: 'float32' as const, dims: [count, height, width, channels], data: images.data };
      const running = session.run({ [input]: tensor });
      if (start + BATCH < indices.length) {
        next = split.read(indices.subarray(start + BATCH, start + 2 * BATCH), signal);
        // It is awaited in the next round; should this run fail first, nobody asks for it.
        next.catch(() => undefined);
      }
      right += countRight((await running)[output]!.data as Float32Array, labels);
    }
    return proportion(right, indices.length);
  } finally {
    await session.release();
  }
}

/** Rows whose largest logit is the label's; of equal ones the first counts. */
export function countRight(logits: Float32Array, labels: Int32Array): number {
  const predicted = argmax(logits, logits.length / labels.length);
  return labels.reduce((right, label, row) => right + (label === predicted[row] ? 1 : 0), 0);
}
