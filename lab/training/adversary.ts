import type { Random } from '@halftone/sdk';
import type { LabelledBatch } from '../data/sets/types.ts';
import type { Tensor } from '../graph/ir.ts';
import type { Runtime } from '../runtime/index.ts';
import { type BuildOptions, buildNetwork, INPUT } from './build.ts';
import type { Network } from './network.ts';
import { labelFeeds, openStep, type Step } from './step.ts';

/** What an adversary inside the loop may ask of the network as it is at this step, in its inference form. */
export interface AdversaryTools {
  /** d(Σ cross-entropy)/d(images), laid out like `batch.images.data`. */
  gradient(batch: LabelledBatch): Promise<Float32Array>;
  /** The step's own stream. */
  readonly random: Random;
}

/** Images to learn from, and what each one's loss counts for; 1 / count where nothing is said. */
export interface WeightedBatch extends LabelledBatch {
  readonly weights?: Float32Array;
}

/** Makes of each batch what the network is to learn from instead: adversarial examples, or both kinds. */
export type Adversary = (batch: LabelledBatch, tools: AdversaryTools) => Promise<WeightedBatch>;

/** The gradient at the images, with the weights fed at each call. */
export interface ImageGradient {
  run(batch: LabelledBatch, weights: Record<string, Tensor>): Promise<Float32Array>;
  /** Names of the weights that `run` takes. */
  readonly weights: readonly string[];
  release(): Promise<void>;
}

/** Loads the gradient of the cross-entropy at the images of a network in its inference form. */
export async function openImageGradient(
  runtime: Runtime,
  network: Network,
  input: BuildOptions['input'],
): Promise<ImageGradient> {
  const built = buildNetwork(network, { mode: 'inference', layout: 'nhwc', input });
  const { graph } = built;
  const weights = [...built.weights.keys()];
  for (const name of weights) {
    graph.initializers.delete(name);
    graph.inputs.push({ name, ...graph.types.get(name)! });
  }
  const step: Step = await openStep(runtime, graph, {
    loss: { kind: 'cross-entropy' },
    wrt: [INPUT],
    name: 'the gradient at the images',
  });
  return {
    weights,
    release: () => step.release(),
    run: async ({ images, labels }, feeds) => {
      const result = await step.run({ [INPUT]: imageTensor(images), ...feeds, ...labelFeeds(labels, 1) });
      return result.gradients.get(INPUT)!;
    },
  };
}

/** Images as a feed; a copy, since feeds are moved away. */
export function imageTensor(images: LabelledBatch['images']): Tensor {
  return movedTensor({ ...images, data: images.data.slice() });
}

/** Images as a feed that takes their memory along. */
export function movedTensor({ data, count, height, width, channels }: LabelledBatch['images']): Tensor {
  return { dtype: 'float32', dims: [count, height, width, channels], data };
}
