import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../data/atomic.ts';
import type { DataSet } from '../data/sets/types.ts';
import type { Proportion } from '../experiments/metrics.ts';
import { floatAttr, intAttr } from '../graph/attributes.ts';
import { foldConstants } from '../graph/fold.ts';
import { readModelFile, writeModelFile } from '../graph/index.ts';
import type { Graph, Node, Tensor } from '../graph/ir.ts';
import type { Runtime } from '../runtime/index.ts';
import { prepareModel } from '../runtime/prepare.ts';
import { buildNetwork, type Weights } from './build.ts';
import { countAccuracy } from './evaluate.ts';
import type { Recipe } from './recipe.ts';
import { storeDense } from './storage.ts';

/** What a model is written with. */
export interface ExportOptions {
  /** Measures it, and says which provider made it. */
  readonly runtime: Runtime;
  /** Epochs that the weights have seen. */
  readonly epochs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A model that was written. */
export interface ExportedModel {
  /** The ONNX file. */
  readonly model: string;
  /** Of that file, on all test images. */
  readonly accuracy: Proportion;
}

/**
 * Writes `<name>.onnx`, NCHW, normalisation folded into the layers before it, and its card `<name>.json` into
 * the folder, each whole or not at all. The accuracy in the card is that of the file, read back and opened as
 * classifiers are. Throws `cancelled`, before the card is written.
 */
export async function exportModel(
  folder: string,
  recipe: Recipe,
  data: DataSet,
  weights: Weights,
  { runtime, epochs, signal }: ExportOptions,
): Promise<ExportedModel> {
  const { graph } = buildNetwork(recipe.network, { mode: 'inference', layout: 'nchw', input: data, weights });
  graph.name = recipe.name;
  foldNormalisation(graph);
  foldConstants(graph);
  if (recipe.denseBits !== undefined) storeDense(graph, recipe.denseBits);
  const model = join(folder, `${recipe.name}.onnx`);
  await writeModelFile(model, graph);
  const opened = prepareModel(await readModelFile(model), recipe.name);
  const { test } = data.splits;
  const all = Int32Array.from({ length: test.count }, (_, i) => i);
  const accuracy = await countAccuracy(runtime, opened.graph, test, all, signal);
  const sha256 = createHash('sha256')
    .update(await readFile(model))
    .digest('hex');
  const card = cardOf(recipe, data, { accuracy, epochs, provider: runtime.provider.description, sha256 });
  await writeAtomic(join(folder, `${recipe.name}.json`), `${JSON.stringify(card, null, 2)}\n`);
  return { model, accuracy };
}

interface CardFacts {
  readonly accuracy: Proportion;
  readonly epochs: number;
  /** In words. */
  readonly provider: string;
  readonly sha256: string;
}

function cardOf(recipe: Recipe, data: DataSet, facts: CardFacts) {
  const { share, low, high, n } = facts.accuracy;
  const channels = data.channels === 1 ? 'grey' : 'rgb';
  return {
    name: recipe.name,
    input: { layout: 'nchw', channels, height: data.height, width: data.width },
    classes: data.classes,
    ...(recipe.source === undefined ? {} : { source: recipe.source }),
    ...(recipe.licence === undefined ? {} : { licence: recipe.licence }),
    training: {
      data: data.name,
      recipe: recipe.name,
      seed: recipe.seed,
      epochs: facts.epochs,
      ...(recipe.defense === undefined ? {} : { defense: recipe.defense }),
      accuracy: { split: 'test', share, low, high, images: n },
      provider: facts.provider,
      sha256: facts.sha256,
    },
  };
}

/**
 * Folds each BatchNormalization into the Conv, ConvTranspose or Gemm whose output it alone reads; in place. Others
 * stay as they are.
 */
export function foldNormalisation(graph: Graph): void {
  for (const node of [...graph.nodes]) {
    if (node.op !== 'BatchNormalization') continue;
    const before = graph.nodes.find(({ outputs }) => outputs[0] === node.inputs[0]);
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(node.inputs[0]!));
    const constants = [...(before?.inputs.slice(1) ?? []), ...node.inputs.slice(1)];
    const isConstant = constants.every((name) => graph.initializers.has(name));
    if (!before || readers.length !== 1 || !isConstant || !(before.op in outputChannel)) continue;
    const folded = foldInto(graph, before, node);
    graph.nodes = graph.nodes.flatMap((other) =>
      other === before ? [folded] : other === node ? [] : [other],
    );
  }
}

/** Which output channel a kernel's element makes, from its index. */
const outputChannel: Readonly<Record<string, (kernel: Tensor, groups: number) => (i: number) => number>> = {
  Conv: ({ dims, data }) => {
    const each = data.length / dims[0]!;
    return (i) => Math.floor(i / each);
  },
  ConvTranspose: ({ dims, data }, groups) => {
    const [channels, filters] = dims as [number, number];
    const area = data.length / (channels * filters);
    const channelsEach = channels / groups;
    return (i) => {
      const row = Math.floor(i / area);
      const group = Math.floor(row / filters / channelsEach);
      return group * filters + (row % filters);
    };
  },
  Gemm: ({ dims }) => {
    return (i) => i % dims[1]!;
  },
};

/** y = (x·k + b − mean)·f + shift, f = scale/√(variance + ε): a kernel k·f and a bias (b − mean)·f + shift. */
function foldInto(graph: Graph, layer: Node, normalisation: Node): Node {
  const floats = (name: string) => graph.initializers.get(name)!.data as Float32Array;
  const [, scale, shift, mean, variance] = normalisation.inputs as [string, string, string, string, string];
  const epsilon = floatAttr(normalisation, 'epsilon', 1e-5);
  const factor = Float64Array.from(floats(scale), (s, i) => s / Math.sqrt(floats(variance)[i]! + epsilon));
  const [x, kernelName, biasName] = layer.inputs as [string, string, string | undefined];
  const kernel = graph.initializers.get(kernelName)!;
  const channel = outputChannel[layer.op]!(kernel, intAttr(layer, 'group', 1));
  const bias = biasName === undefined ? undefined : floats(biasName);
  const folded = {
    kernel: Float32Array.from(kernel.data as Float32Array, (k, i) => k * factor[channel(i)]!),
    bias: Float32Array.from(factor, (f, i) => ((bias?.[i] ?? 0) - floats(mean)[i]!) * f + floats(shift)[i]!),
  };
  const place = (name: string, dims: readonly number[], data: Float32Array): string => {
    graph.initializers.set(name, { dtype: 'float32', dims, data });
    graph.types.set(name, { dtype: 'float32', shape: dims });
    return name;
  };
  const inputs = [
    x,
    place(`${kernelName}/folded`, kernel.dims, folded.kernel),
    place(`${kernelName}/shift`, [factor.length], folded.bias),
  ];
  return { ...layer, inputs, outputs: normalisation.outputs };
}
