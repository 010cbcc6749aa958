import { differentiate, FEEDS, type Loss } from '../autodiff/index.ts';
import { copyGraph } from '../graph/copy.ts';
import { writeModel } from '../graph/index.ts';
import type { Graph, Tensor } from '../graph/ir.ts';
import { blockConvolutions, channelBlock } from '../runtime/blocked.ts';
import type { Runtime } from '../runtime/index.ts';

/** What to take gradients of: a graph or a part of one. */
export interface StepOptions {
  readonly loss: Loss;
  /** Weights (initializers, which become feeds) and inputs whose gradients are wanted. */
  readonly wrt: readonly string[];
  /** The value that the loss is of; the graph's only output by default. */
  readonly output?: string;
  /** Other values to hand out, such as a batch's statistics. */
  readonly fetches?: readonly string[];
  /** How many images a run has as a rule: such runs are faster when it is known. */
  readonly count?: number;
  /** What to call the graph in errors. */
  readonly name?: string;
}

/** What one run of a step gave. */
export interface StepResult {
  /** The output, in its shape. */
  readonly output: Float32Array;
  /** [count], each image's loss before its weight. */
  readonly losses: Float32Array;
  /** d(Σ weight·loss)/d(it), for each of `wrt`. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** The values of `fetches`. */
  readonly values: ReadonlyMap<string, Float32Array>;
}

/** A loss and its gradients, ready to run. */
export interface Step {
  /**
   * @param feeds the graph's inputs, the weights in `wrt`, and what the loss takes (`FEEDS`); their memory is
   *   moved away
   * @param giveBack takes it back after the run
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    giveBack?: (feeds: Readonly<Record<string, Tensor>>) => void,
  ): Promise<StepResult>;
  release(): Promise<void>;
}

/**
 * Loads a graph together with the gradients of a loss. Several losses on one graph, or losses on parts of it, are
 * several steps that take the same weights.
 *
 * @throws GraphError as `differentiate` does
 */
export async function openStep(runtime: Runtime, graph: Graph, options: StepOptions): Promise<Step> {
  const { count } = options;
  const loaded = await load(runtime, count === undefined ? graph : withCount(graph, count), options);
  if (count === undefined) return loaded;
  let other: Promise<Step> | undefined;
  const stepFor = (images: number | undefined) => {
    if (images === count) return loaded;
    other ??= load(runtime, graph, options);
    return other;
  };
  return {
    run: async (feeds, giveBack) => (await stepFor(feeds[FEEDS.weights]?.dims[0])).run(feeds, giveBack),
    release: async () => {
      await loaded.release();
      await (await other)?.release();
    },
  };
}

/** The graph for batches of so many images. */
function withCount(graph: Graph, count: number): Graph {
  const bound = copyGraph(graph);
  const batch = graph.inputs[0]?.shape?.[0];
  if (typeof batch !== 'string') return bound;
  bound.inputs = graph.inputs.map((input) => ({
    ...input,
    shape: input.shape?.map((extent) => (extent === batch ? count : extent)) ?? null,
  }));
  return bound;
}

async function load(runtime: Runtime, graph: Graph, options: StepOptions): Promise<Step> {
  const { loss, wrt, output, fetches = [], name = 'the training step' } = options;
  const target = runtime.provider.name === 'cpu' ? 'cpu' : 'gpu';
  const block = await channelBlock(runtime);
  const derived = differentiate(graph, {
    loss,
    wrt,
    traits: { target, ...(block === 0 ? {} : { channelBlock: block }) },
    ...(output === undefined ? {} : { output }),
  });
  for (const value of fetches)
    derived.graph.outputs.push({ name: value, ...derived.graph.types.get(value)! });
  const laidOut = block === 0 ? derived.graph : blockConvolutions(derived.graph, block);
  const session = await runtime.load(writeModel(laidOut), { name });
  return {
    run: async (feeds, giveBack) => {
      const results = await session.run(feeds, { transfer: true, ...(giveBack ? { giveBack } : {}) });
      const read = (value: string) => results[value]!.data as Float32Array;
      return {
        output: read(derived.output),
        losses: read(derived.loss),
        gradients: new Map(wrt.map((weight) => [weight, read(derived.gradients.get(weight)!)])),
        values: new Map(fetches.map((value) => [value, read(value)])),
      };
    },
    release: () => session.release(),
  };
}

/** The feeds of a cross-entropy: labels, and what each image's loss counts for. */
export function labelFeeds(labels: Int32Array, weight: number | Float32Array): Record<string, Tensor> {
  const dims = [labels.length];
  const weights = typeof weight === 'number' ? new Float32Array(labels.length).fill(weight) : weight.slice();
  return {
    [FEEDS.labels]: { dtype: 'int32', dims, data: labels.slice() },
    [FEEDS.weights]: { dtype: 'float32', dims, data: weights },
  };
}
