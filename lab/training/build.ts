import { HalftoneError } from '@halftone/sdk/errors';
import { GraphBuilder, ints } from '../graph/builder.ts';
import { emptyGraph } from '../graph/copy.ts';
import type { Dim, Graph, Tensor } from '../graph/ir.ts';
import { type Beginning, firstValues } from './initialise.ts';
import { addLayers } from './layers.ts';
import type { Initialisation, Network } from './network.ts';

/** Names of the values at a network's ends. */
export const INPUT = 'images';
export const OUTPUT = 'logits';

/** Weights and running statistics by name. */
export type Weights = ReadonlyMap<string, Tensor>;

/** What the input is: pixels and channels. */
export interface InputShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface BuildOptions {
  /** `training`: dropout by masks, normalisation by the batch; `inference`: neither. */
  readonly mode: 'training' | 'inference';
  readonly input: InputShape;
  /** Axes of the graph's input. */
  readonly layout: 'nchw' | 'nhwc';
  /** Weights to build with; those that aren't there begin by `seed`. */
  readonly weights?: Weights;
  /** 0 by default. */
  readonly seed?: number;
}

/** A dropout's mask: a uint8 input of the training graph, 1 where a value stays. */
export interface Mask {
  readonly input: string;
  /** Without the batch. */
  readonly shape: readonly number[];
  readonly rate: number;
}

/** A normalisation's running statistics, and where the training graph has those of the batch. */
export interface Statistics {
  /** Names among the weights. */
  readonly mean: string;
  readonly variance: string;
  /** Values of the training graph, one number a channel. */
  readonly batchMean: string;
  readonly batchVariance: string;
  readonly momentum: number;
}

/** A network as a graph: input `INPUT` (N×…), output `OUTPUT`, the weights as its initializers. */
export interface BuiltNetwork {
  readonly graph: Graph;
  /** Names of the weights that are trained. */
  readonly trained: readonly string[];
  /** All weights, running statistics included. */
  readonly weights: Weights;
  readonly masks: readonly Mask[];
  readonly statistics: readonly Statistics[];
}

/** What layers are added to. */
export class NetworkContext {
  readonly b: GraphBuilder;
  readonly training: boolean;
  readonly initialisation: Initialisation;
  readonly weights = new Map<string, Tensor>();
  readonly trained: string[] = [];
  readonly masks: Mask[] = [];
  readonly statistics: Statistics[] = [];
  readonly #given: Weights;
  readonly #seed: number;

  constructor(b: GraphBuilder, network: Network, { mode, weights, seed }: BuildOptions) {
    this.b = b;
    this.training = mode === 'training';
    this.initialisation = network.initialisation ?? 'he';
    this.#given = weights ?? new Map();
    this.#seed = seed ?? 0;
  }

  /** A trained weight, in the graph. */
  parameter(name: string, dims: readonly number[], beginning: Beginning): string {
    this.trained.push(name);
    return this.#place(this.#weight(name, dims, beginning), name);
  }

  /** A running statistic; in the graph only where that reads it. */
  statistic(name: string, dims: readonly number[], fill: number): string {
    const tensor = this.#weight(name, dims, { fill });
    return this.training ? name : this.#place(tensor, name);
  }

  #weight(name: string, dims: readonly number[], beginning: Beginning): Tensor {
    const given = this.#given.get(name);
    if (given && given.dims.join() !== dims.join()) {
      throw new HalftoneError(
        'bad-argument',
        `the weight '${name}' is ${given.dims.join('×')}, the network's is ${dims.join('×')}`,
      );
    }
    const tensor = given ?? {
      dtype: 'float32' as const,
      dims,
      data: firstValues(dims, beginning, this.#seed, name),
    };
    this.weights.set(name, tensor);
    return tensor;
  }

  /** Not the builder's `constant`, which shares equal ones: two biases that begin equal don't stay so. */
  #place(tensor: Tensor, name: string): string {
    this.b.graph.initializers.set(name, tensor);
    this.b.graph.types.set(name, { dtype: tensor.dtype, shape: tensor.dims });
    return name;
  }
}

/**
 * The network as a graph. Both modes have the same weights by the same names, `<place>/<part>`, such as
 * `2/kernel` and `4.body.0/bias`.
 *
 * @throws HalftoneError 'bad-argument' for layers that don't fit each other or the input, naming the layer
 */
export function buildNetwork(network: Network, options: BuildOptions): BuiltNetwork {
  const graph = emptyGraph('network');
  const b = new GraphBuilder(graph, 'layer');
  const context = new NetworkContext(b, network, options);
  const last = addLayers(context, network.layers, addInput(b, options), '');
  nameOutput(b, last);
  const { trained, weights, masks, statistics } = context;
  return { graph, trained, weights, masks, statistics };
}

/** Makes a value the graph's output, by the name `OUTPUT`. */
function nameOutput({ graph }: GraphBuilder, last: string): void {
  const type = graph.types.get(last)!;
  const renamed = (name: string) => (name === last ? OUTPUT : name);
  if (graph.nodes.some(({ outputs }) => outputs.includes(last))) {
    graph.nodes = graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(renamed),
      outputs: node.outputs.map(renamed),
    }));
    graph.types.delete(last);
  } else {
    const node = { op: 'Identity', domain: '', name: OUTPUT, attributes: {} };
    graph.nodes.push({ ...node, inputs: [last], outputs: [OUTPUT] });
  }
  graph.types.set(OUTPUT, type);
  graph.outputs = [{ name: OUTPUT, ...type }];
}

/** The input, N×C×H×W for the layers. */
function addInput(b: GraphBuilder, { input, layout }: BuildOptions): string {
  const { height, width, channels } = input;
  const nchw: Dim[] = ['N', channels, height, width];
  if (layout === 'nchw') return b.input(INPUT, { dtype: 'float32', shape: nchw });
  const images = b.input(INPUT, { dtype: 'float32', shape: ['N', height, width, channels] });
  if (channels === 1) return b.reshape(images, nchw);
  return b.add('Transpose', [images], { perm: ints([0, 3, 1, 2]) });
}
