import { HalftoneError } from '@halftone/sdk/errors';
import { type GraphBuilder, int } from '../graph/builder.ts';
import type { Dim } from '../graph/ir.ts';
import { scaled } from './rule.ts';

/**
 * Losses as subgraphs on the logits z (N×classes). Each gives a value per image and its exact derivative at
 * the logits. What a loss needs beside the logits it takes as graph inputs, named in `FEEDS`.
 */

/** A loss of the logits. Class indices come in the feed `FEEDS.labels`: true labels, or targets when `targeted`. */
export type Loss =
  /** −Σ t·log softmax(z/T), t the one-hot label smoothed to (1 − smoothing)·onehot + smoothing/classes. */
  | { readonly kind: 'cross-entropy'; readonly temperature?: number; readonly smoothing?: number }
  /**
   * Carlini and Wagner 2017, f₆: max(z_y − max_{i≠y} z_i, −κ), falling as the label is left behind; targeted:
   * max(max_{i≠t} z_i − z_t, −κ), falling as the target is reached.
   */
  | { readonly kind: 'margin'; readonly kappa?: number; readonly targeted?: boolean }
  /** The same difference of logits without a floor. */
  | { readonly kind: 'logit-difference'; readonly targeted?: boolean }
  /** Mean over the output's elements of (z − target)²; takes the feed `target` in the output's shape. */
  | { readonly kind: 'mse' }
  /** Σ z·cotangent: the derivative is the feed `cotangent`; for losses worked out elsewhere. */
  | { readonly kind: 'cotangent' };

/** Names of the graph inputs that losses add. `weights` multiplies each image's loss (N float32). */
export const FEEDS = {
  labels: 'halftone/labels',
  target: 'halftone/target',
  cotangent: 'halftone/cotangent',
  weights: 'halftone/weights',
} as const;

/** A loss in the graph. */
export interface LossValues {
  /** N losses, before weighting. */
  readonly perImage: string;
  /** d(Σ weights·loss)/d(output), in the output's shape. */
  readonly cotangent: string;
}

/**
 * Adds a loss of `output` to the graph, with its inputs.
 *
 * @param output N×classes logits; any shape N×… for `mse` and `cotangent`
 * @throws HalftoneError 'bad-argument' for a parameter out of range, GraphError for an output of another shape
 */
export function addLoss(b: GraphBuilder, output: string, loss: Loss): LossValues {
  const shape = b.shape(output);
  const weights = b.input(FEEDS.weights, { dtype: 'float32', shape: [shape[0]] });
  const values = unweighted(b, output, loss);
  const column = b.reshape(weights, [shape[0], ...shape.slice(1).map(() => 1 as Dim)]);
  return { perImage: values.perImage, cotangent: b.add('Mul', [values.cotangent, column]) };
}

function unweighted(b: GraphBuilder, output: string, loss: Loss): LossValues {
  if (loss.kind === 'mse') return meanSquaredError(b, output);
  if (loss.kind === 'cotangent') return external(b, output);
  const classes = b.shape(output)[1];
  if (b.shape(output).length !== 2 || typeof classes !== 'number') {
    throw new HalftoneError(
      'bad-graph',
      `a ${loss.kind} loss needs an output of N×classes logits; '${output}' is ${b.shape(output).join('×')}`,
    );
  }
  const isLabel = labelMask(b, output, classes);
  if (loss.kind === 'cross-entropy') return crossEntropy(b, output, classes, isLabel, loss);
  const floor = loss.kind === 'margin' ? -(loss.kappa ?? 0) : -Infinity;
  if (!(floor <= 0)) throw new HalftoneError('bad-argument', `kappa must be 0 or more, not ${-floor}`);
  return difference(b, output, isLabel, floor, loss.targeted ?? false);
}

const toFloat = { to: int(1) };
const keep = { keepdims: int(1) };

/** N×classes booleans: is this the label's class? */
function labelMask(b: GraphBuilder, output: string, classes: number): string {
  const labels = b.input(FEEDS.labels, { dtype: 'int32', shape: [b.shape(output)[0]] });
  const range = b.constant({
    dtype: 'int32',
    dims: [1, classes],
    data: Int32Array.from({ length: classes }, (_, i) => i),
  });
  return b.add('Equal', [b.add('Unsqueeze', [labels, b.longs([1])]), range]);
}

function crossEntropy(
  b: GraphBuilder,
  z: string,
  classes: number,
  isLabel: string,
  { temperature = 1, smoothing = 0 }: { temperature?: number; smoothing?: number },
): LossValues {
  if (!(temperature > 0))
    throw new HalftoneError('bad-argument', `temperature must be above 0, not ${temperature}`);
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new HalftoneError('bad-argument', `smoothing must be in [0, 1), not ${smoothing}`);
  }
  const cooled = scaled(b, z, 1 / temperature);
  const target = b.add('Where', [
    isLabel,
    b.scalar(1 - smoothing + smoothing / classes),
    b.scalar(smoothing / classes),
  ]);
  const log = b.add('LogSoftmax', [cooled], { axis: int(1) });
  const sum = b.add('ReduceSum', [b.add('Mul', [target, log]), b.longs([1])], { keepdims: int(0) });
  const gap = b.add('Sub', [b.add('Softmax', [cooled], { axis: int(1) }), target]);
  return { perImage: b.add('Neg', [sum]), cotangent: scaled(b, gap, 1 / temperature) };
}

/** Largest of the other logits: those that tie share. At the floor, and below it, the gradient is zero. */
function difference(
  b: GraphBuilder,
  z: string,
  isLabel: string,
  floor: number,
  targeted: boolean,
): LossValues {
  const others = b.add('Where', [isLabel, b.scalar(-3.4e38), z]);
  const best = b.add('ReduceMax', [others, b.longs([1])], keep);
  const wins = b.add('Cast', [b.add('Equal', [others, best])], toFloat);
  const share = b.add('Div', [wins, b.add('ReduceSum', [wins, b.longs([1])], keep)]);
  const label = b.add('Cast', [isLabel], toFloat);
  const own = b.add('ReduceSum', [b.add('Where', [isLabel, z, b.scalar(0)]), b.longs([1])], keep);
  const [first, second] = targeted ? [best, own] : [own, best];
  const slope = targeted ? b.add('Sub', [share, label]) : b.add('Sub', [label, share]);
  const gap = b.add('Sub', [first, second]);
  if (floor === -Infinity) return { perImage: b.add('Squeeze', [gap, b.longs([1])]), cotangent: slope };
  const active = b.add('Cast', [b.add('Greater', [gap, b.scalar(floor)])], toFloat);
  const floored = b.add('Max', [gap, b.scalar(floor)]);
  return {
    perImage: b.add('Squeeze', [floored, b.longs([1])]),
    cotangent: b.add('Mul', [slope, active]),
  };
}

function innerAxes(b: GraphBuilder, output: string): number[] {
  return b
    .shape(output)
    .slice(1)
    .map((_, i) => i + 1);
}

function meanSquaredError(b: GraphBuilder, output: string): LossValues {
  const target = b.input(FEEDS.target, b.type(output));
  const gap = b.add('Sub', [output, target]);
  const axes = innerAxes(b, output);
  const count = b.extents(output, axes).reduce((p, n) => p * n, 1);
  const perImage = b.add('ReduceMean', [b.add('Mul', [gap, gap]), b.longs(axes)], { keepdims: int(0) });
  return { perImage, cotangent: scaled(b, gap, 2 / count) };
}

function external(b: GraphBuilder, output: string): LossValues {
  const cotangent = b.input(FEEDS.cotangent, b.type(output));
  const product = b.add('Mul', [output, cotangent]);
  const perImage = b.add('ReduceSum', [product, b.longs(innerAxes(b, output))], { keepdims: int(0) });
  return { perImage, cotangent };
}
