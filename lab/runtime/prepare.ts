import { HalftoneError } from '@halftone/sdk/errors';
import { GraphBuilder, int, ints } from '../graph/builder.ts';
import { copyGraph } from '../graph/copy.ts';
import { GraphError } from '../graph/errors.ts';
import { foldConstants } from '../graph/fold.ts';
import type { Dim, Graph, ValueInfo } from '../graph/ir.ts';
import { recognisePatterns } from '../graph/patterns/index.ts';
import { settleCeilMode } from '../graph/settle.ts';
import { inferShapes } from '../graph/shapes/index.ts';
import type { CardInput, ModelCard } from './card.ts';
import { channelCount } from './card-schema.ts';

/** Name of the prepared graph's input: N×height×width×channels, RGB or grey, [0, 1]. */
export const IMAGES = 'halftone/images';

/** A classifier's graph as the lab runs and differentiates it. */
export interface PreparedModel {
  /** One input, `IMAGES`; one output, N×classes logits. Pre-processing is in the graph. */
  readonly graph: Graph;
  /** Name of the logits. */
  readonly logits: string;
  readonly card: ModelCard;
  readonly classes: number;
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  /** The only batch that the file runs at; undefined when any will do. */
  readonly fixedBatch: number | undefined;
}

/**
 * Brings a classifier into the lab's form: images NHWC in [0, 1] in, logits out. A file with no card is taken
 * as it is: its own layout and size, RGB, [0, 1].
 *
 * A final Softmax is left out, since losses are of the logits; probabilities by other means are turned into
 * logits by their logarithm where the card says so.
 *
 * @throws HalftoneError 'bad-graph' for a graph that is no image classifier, saying why
 */
export function prepareModel(source: Graph, name: string, given?: ModelCard): PreparedModel {
  const input = onlyInput(source);
  const card = given ?? plainCard(name, input);
  const size = inputSize(input, card.input);
  const dynamic = tryBatch(source, input, size, card, 'N');
  if (dynamic) return dynamic;
  const declared = input.shape![0];
  const fixed = tryBatch(source, input, size, card, typeof declared === 'number' ? declared : 1);
  if (fixed) return fixed;
  throw new HalftoneError('bad-graph', `${name}: its output isn't one row of logits an image`);
}

function onlyInput(graph: Graph): ValueInfo {
  if (graph.inputs.length !== 1) {
    const names = graph.inputs.map((i) => `'${i.name}'`).join(', ') || 'none';
    throw new HalftoneError('bad-graph', `a classifier has one input, the images; this graph has ${names}`);
  }
  const [input] = graph.inputs;
  if (input!.dtype !== 'float32') {
    throw new HalftoneError(
      'bad-graph',
      `the input '${input!.name}' is ${input!.dtype}; images come as float32`,
    );
  }
  if (input!.shape?.length !== 4) {
    const shape = input!.shape?.join('×') ?? 'of unknown rank';
    throw new HalftoneError('bad-graph', `the input '${input!.name}' is ${shape}; images have four axes`);
  }
  return input!;
}

/** What a file without a card says of itself. */
function plainCard(name: string, input: ValueInfo): ModelCard {
  const [, second, , last] = input.shape!;
  const layout = second !== 1 && second !== 3 && (last === 1 || last === 3) ? 'nhwc' : 'nchw';
  const count = layout === 'nhwc' ? last : second;
  const channels = count === 1 ? 'grey' : 'rgb';
  const zeros = Array<number>(channelCount(channels)).fill(0);
  return {
    name,
    input: { layout, channels, range: [0, 1], mean: zeros, std: zeros.map(() => 1) },
    output: 'logits',
  };
}

function inputSize(input: ValueInfo, card: CardInput): PreparedModel['input'] {
  const shape = input.shape!;
  const [height, width, channels] = card.layout === 'nhwc' ? shape.slice(1) : [shape[2], shape[3], shape[1]];
  const wanted = channelCount(card.channels);
  if (typeof channels === 'number' && channels !== wanted) {
    throw new HalftoneError(
      'bad-graph',
      `the input '${input.name}' (${shape.join('×')}) has ${channels} channels in ${card.layout}, not ${wanted}`,
    );
  }
  const extent = (declared: Dim | undefined, asked: number | undefined, what: string): number => {
    if (typeof declared !== 'number') {
      if (asked !== undefined) return asked;
      throw new HalftoneError(
        'bad-graph',
        `the model takes images of any ${what}; give a card that fixes input.${what}`,
      );
    }
    if (asked === undefined || asked === declared) return declared;
    throw new HalftoneError('bad-graph', `the card's input.${what} is ${asked}, the model's is ${declared}`);
  };
  return {
    height: extent(height, card.height, 'height'),
    width: extent(width, card.width, 'width'),
    channels: wanted,
  };
}

/** The prepared graph at a batch; undefined when the output doesn't come out as a row for each image. */
function tryBatch(
  source: Graph,
  input: ValueInfo,
  size: PreparedModel['input'],
  card: ModelCard,
  batch: Dim,
): PreparedModel | undefined {
  const graph = copyGraph(source);
  const { height, width, channels } = size;
  const nchw = card.input.layout === 'nchw';
  const own = nchw ? [batch, channels, height, width] : [batch, height, width, channels];
  graph.inputs = [{ name: input.name, dtype: 'float32', shape: own }];
  graph.outputs = [chosenOutput(graph)];
  try {
    inferShapes(graph);
    foldConstants(graph);
    inferShapes(graph);
    settleCeilMode(graph);
    recognisePatterns(graph);
    prepend(graph, input.name, card.input, [batch, height, width, channels]);
    const logits = appendLogits(graph, card);
    const shape = graph.types.get(logits)?.shape;
    if (shape?.length !== 2 || shape[0] !== batch || typeof shape[1] !== 'number') return undefined;
    graph.outputs = [{ name: logits, dtype: 'float32', shape }];
    foldConstants(graph);
    const fixedBatch = typeof batch === 'number' ? batch : undefined;
    return { graph, logits, card, classes: shape[1], input: size, fixedBatch };
  } catch (error) {
    // A batch written into the file's own reshapes contradicts a free one: the caller tries the file's.
    if (batch === 'N' && error instanceof GraphError && error.code === 'bad-graph') return undefined;
    throw error;
  }
}

/** The output named `logits`, or the first: auxiliary classifiers come after the main one. */
function chosenOutput(graph: Graph): ValueInfo {
  const output = graph.outputs.find((o) => o.name === 'logits') ?? graph.outputs[0];
  if (output) return output;
  throw new HalftoneError('bad-graph', 'the graph has no output');
}

/** Puts the model's pre-processing in front, from `IMAGES` to the model's own input. */
function prepend(graph: Graph, name: string, card: CardInput, shape: readonly Dim[]): void {
  const body = graph.nodes;
  graph.nodes = [];
  graph.inputs = [];
  const b = new GraphBuilder(graph, 'input');
  let value = b.input(IMAGES, { dtype: 'float32', shape });
  if (card.channels === 'bgr') value = b.add('Gather', [value, b.longs([2, 1, 0])], { axis: int(3) });
  const [low, high] = card.range;
  const scale = card.std.map((std) => (high - low) / std);
  const shift = card.std.map((std, i) => (low - card.mean[i]!) / std);
  if (scale.some((s) => s !== 1)) value = b.add('Mul', [value, perChannel(b, scale)]);
  if (shift.some((s) => s !== 0)) value = b.add('Add', [value, perChannel(b, shift)]);
  if (card.layout === 'nchw') value = b.add('Transpose', [value], { perm: ints([0, 3, 1, 2]) });
  graph.nodes.push(
    ...body.map((node) => ({ ...node, inputs: node.inputs.map((i) => (i === name ? value : i)) })),
  );
  graph.outputs = graph.outputs.map((o) => (o.name === name ? { ...o, name: value } : o));
}

function perChannel(b: GraphBuilder, values: readonly number[]): string {
  return values.every((v) => v === values[0]) ? b.scalar(values[0]!) : b.floats(values, [values.length]);
}

/** The logits: the output, before a final softmax, flattened to a row for each image. */
function appendLogits(graph: Graph, card: ModelCard): string {
  const b = new GraphBuilder(graph, 'output');
  let value = graph.outputs[0]!.name;
  const last = graph.nodes.find((node) => node.outputs.includes(value));
  if (last?.op === 'Softmax') value = last.inputs[0]!;
  else if (card.output === 'probabilities') {
    value = b.add('Log', [b.add('Clip', [value, b.scalar(1e-30)])]);
  }
  const shape = b.shape(value);
  if (shape.length > 2 && shape.slice(2).every((d) => d === 1))
    value = b.add('Flatten', [value], { axis: int(1) });
  return value;
}
