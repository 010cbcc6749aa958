import { flagAttr, floatAttr, intAttr, intsAttr } from '../../graph/attributes.ts';
import { float, type GraphBuilder, int } from '../../graph/builder.ts';
import type { Dim } from '../../graph/ir.ts';
import { type Rule, type RuleContext, scaled, sumOver, ZERO } from '../rule.ts';

/** Gradients of normalisations and of softmax. */

const KEEP = { keepdims: int(1) };

function meanOver(b: GraphBuilder, value: string, axes: readonly number[]): string {
  return b.add('ReduceMean', [value, b.longs(axes)], KEEP);
}

/**
 * Through x̂ = (x − mean)/σ: dx = (dx̂ − mean(dx̂) − x̂·mean(dx̂·x̂))/σ, means over the normalised axes.
 */
function throughNormalised(
  b: GraphBuilder,
  dxhat: string,
  xhat: string,
  inverseDeviation: string,
  axes: readonly number[],
): string {
  const centred = b.add('Sub', [dxhat, meanOver(b, dxhat, axes)]);
  const along = b.add('Mul', [xhat, meanOver(b, b.add('Mul', [dxhat, xhat]), axes)]);
  return b.add('Mul', [b.add('Sub', [centred, along]), inverseDeviation]);
}

/** x̂ and 1/σ of a tensor over axes, worked out plainly. */
function standardised(
  b: GraphBuilder,
  x: string,
  axes: readonly number[],
  epsilon: number,
): [string, string] {
  const centred = b.add('Sub', [x, meanOver(b, x, axes)]);
  const variance = meanOver(b, b.add('Mul', [centred, centred]), axes);
  const inverse = b.add('Reciprocal', [b.add('Sqrt', [b.add('Add', [variance, b.scalar(epsilon)])])]);
  return [b.add('Mul', [centred, inverse]), inverse];
}

/** A vector over channels, shaped to multiply an N×C×… tensor. */
function perChannel(c: RuleContext, vector: string): string {
  const { b } = c;
  const spatial = b.shape(c.x()).length - 2;
  return b.reshape(vector, [
    ...b.shape(vector).slice(0, 1),
    ...Array.from({ length: spatial }, () => 1 as Dim),
  ]);
}

function exceptChannels(c: RuleContext): number[] {
  return c.b.shape(c.x()).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

function sumTo(b: GraphBuilder, value: string, axes: readonly number[]): string {
  return b.add('ReduceSum', [value, b.longs(axes)], { keepdims: int(0) });
}

const batchNormalization: Rule = (c) => {
  const { b, node } = c;
  const epsilon = floatAttr(node, 'epsilon', 1e-5);
  const axes = exceptChannels(c);
  if (flagAttr(node, 'training_mode', false)) {
    const [xhat, inverse] = standardised(b, c.x(), axes, epsilon);
    return c.entries(
      c.when(0, () =>
        throughNormalised(b, b.add('Mul', [c.dy(), perChannel(c, c.x(1))]), xhat, inverse, axes),
      ),
      c.when(1, () => sumTo(b, b.add('Mul', [c.dy(), xhat]), axes)),
      c.when(2, () => sumTo(b, c.dy(), axes)),
      // The running statistics are brought up to date, but nothing is normalised by them.
      ZERO,
      ZERO,
    );
  }
  const deviation = b.add('Sqrt', [b.add('Add', [c.x(4), b.scalar(epsilon)])]);
  const factor = () => b.add('Div', [c.x(1), deviation]);
  const xhat = () => b.add('Div', [b.add('Sub', [c.x(), perChannel(c, c.x(3))]), perChannel(c, deviation)]);
  return c.entries(
    c.when(0, () => b.add('Mul', [c.lazy(), perChannel(c, factor())])),
    c.when(1, () => sumTo(b, b.add('Mul', [c.dy(), xhat()]), axes)),
    c.when(2, () => sumTo(b, c.dy(), axes)),
    c.when(3, () => b.add('Neg', [b.add('Mul', [sumTo(b, c.dy(), axes), factor()])])),
    c.when(4, () => {
      const moved = sumTo(b, b.add('Mul', [c.dy(), xhat()]), axes);
      const variance = b.add('Add', [c.x(4), b.scalar(epsilon)]);
      return scaled(b, b.add('Mul', [moved, b.add('Div', [c.x(1), variance])]), -0.5);
    }),
  );
};

/** The forward operator itself, with unit scale, gives x̂ and 1/σ in one pass. */
const layerNormalization: Rule = (c) => {
  const { b, node } = c;
  const rank = b.shape(c.x()).length;
  const axis = (intAttr(node, 'axis', -1) + rank) % rank;
  const axes = Array.from({ length: rank - axis }, (_, i) => axis + i);
  const leading = Array.from({ length: axis }, (_, i) => i);
  const sizes = b.extents(c.x(), axes);
  const ones = b.floats(new Float32Array(sizes.reduce((p, n) => p * n, 1)).fill(1), sizes, 'ones');
  const [xhat, , inverse] = b.addAll(
    'LayerNormalization',
    [c.x(), ones],
    { axis: int(axis), epsilon: float(floatAttr(node, 'epsilon', 1e-5)) },
    { outputs: 3 },
  );
  return c.entries(
    c.when(0, () => throughNormalised(b, b.add('Mul', [c.dy(), c.x(1)]), xhat, inverse, axes)),
    c.when(1, () => sumTo(b, b.add('Mul', [c.dy(), xhat]), leading)),
    c.when(2, () => sumTo(b, c.dy(), leading)),
  );
};

const instanceNormalization: Rule = (c) => {
  const { b, node } = c;
  const axes = b
    .shape(c.x())
    .slice(2)
    .map((_, i) => i + 2);
  const [xhat, inverse] = standardised(b, c.x(), axes, floatAttr(node, 'epsilon', 1e-5));
  const others = exceptChannels(c);
  return c.entries(
    c.when(0, () => throughNormalised(b, b.add('Mul', [c.dy(), perChannel(c, c.x(1))]), xhat, inverse, axes)),
    c.when(1, () => sumTo(b, b.add('Mul', [c.dy(), xhat]), others)),
    c.when(2, () => sumTo(b, c.dy(), others)),
  );
};

/** Statistics over N×G×(the rest), scale and bias over channels. */
const groupNormalization: Rule = (c) => {
  const { b, node } = c;
  const groups = intAttr(node, 'num_groups');
  const [channels, ...spatial] = b.extents(c.x(), exceptBatch(c));
  const size = (channels / groups) * spatial.reduce((p, n) => p * n, 1);
  const grouped = (value: string) => b.add('Reshape', [value, b.longs([-1, groups, size])]);
  const [xhat, inverse] = standardised(b, grouped(c.x()), [2], floatAttr(node, 'epsilon', 1e-5));
  const others = exceptChannels(c);
  return c.entries(
    c.when(0, () => {
      const dxhat = grouped(b.add('Mul', [c.dy(), perChannel(c, c.x(1))]));
      return b.reshapeLike(throughNormalised(b, dxhat, xhat, inverse, [2]), c.x());
    }),
    c.when(1, () => sumTo(b, b.add('Mul', [c.dy(), b.reshapeLike(xhat, c.x())]), others)),
    c.when(2, () => sumTo(b, c.dy(), others)),
  );
};

function exceptBatch(c: RuleContext): number[] {
  return c.b
    .shape(c.x())
    .slice(1)
    .map((_, i) => i + 1);
}

/** No epsilon under the root: the operator adds 1e-9 to the deviation. */
const meanVariance: Rule = (c) => {
  const { b } = c;
  const axes = intsAttr(c.node, 'axes', [0, 2, 3]);
  const centred = b.add('Sub', [c.x(), meanOver(b, c.x(), axes)]);
  const deviation = b.add('Sqrt', [meanOver(b, b.add('Mul', [centred, centred]), axes)]);
  const inverse = b.add('Reciprocal', [b.add('Add', [deviation, b.scalar(1e-9)])]);
  return [throughNormalised(b, c.dy(), b.add('Mul', [centred, inverse]), inverse, axes)];
};

/**
 * y = x·s^(−β), s = k + α/size·Σ x² over neighbouring channels:
 * dx = dy·s^(−β) − 2αβ/size·x·Σ'(dy·x·s^(−β−1)), the second sum over the channels whose window holds this one.
 */
const lrn: Rule = (c) => {
  const { b, node } = c;
  const size = intAttr(node, 'size');
  const alpha = floatAttr(node, 'alpha', 1e-4);
  const beta = floatAttr(node, 'beta', 0.75);
  const before = Math.floor((size - 1) / 2);
  const after = size - 1 - before;
  const square = b.add('Mul', [c.x(), c.x()]);
  const s = b.add('Add', [
    scaled(b, channelSum(c, square, before, after), alpha / size),
    b.scalar(floatAttr(node, 'bias', 1)),
  ]);
  const decay = b.add('Pow', [s, b.scalar(-beta)]);
  const steeper = b.add('Div', [b.add('Mul', [c.dy(), b.add('Mul', [c.x(), decay])]), s]);
  const crowd = b.add('Mul', [c.x(), channelSum(c, steeper, after, before)]);
  return [b.add('Sub', [b.add('Mul', [c.dy(), decay]), scaled(b, crowd, (2 * alpha * beta) / size)])];
};

/** Sum over a window of channels, as average pooling along the channel axis. */
function channelSum(c: RuleContext, value: string, before: number, after: number): string {
  const { b } = c;
  const [channels, ...spatial] = b.extents(c.x(), exceptBatch(c));
  const plane = spatial.reduce((p, n) => p * n, 1);
  const size = before + after + 1;
  const flat = b.add('Reshape', [value, b.longs([-1, 1, channels, plane])]);
  const averaged = b.add('AveragePool', [flat], {
    kernel_shape: { type: 'ints', value: [size, 1] },
    pads: { type: 'ints', value: [before, 0, after, 0] },
    count_include_pad: int(1),
  });
  return b.reshapeLike(scaled(b, averaged, size), c.x());
}

/** x/‖x‖ along an axis, p = 1 or 2. */
const lpNormalization: Rule = (c) => {
  const { b, node } = c;
  const axis = intAttr(node, 'axis', -1);
  const p = intAttr(node, 'p', 2);
  const norm = b.add(p === 1 ? 'ReduceL1' : 'ReduceL2', [c.x(), b.longs([axis])], KEEP);
  const along = sumOver(b, b.add('Mul', [c.dy(), c.y()]), [axis]);
  const direction = p === 1 ? b.add('Sign', [c.x()]) : c.y();
  return [b.add('Div', [b.add('Sub', [c.dy(), b.add('Mul', [direction, along])]), norm])];
};

const softmax: Rule = (c) => {
  const { b } = c;
  const axis = intAttr(c.node, 'axis', -1);
  const weighted = b.add('Mul', [c.dy(), c.y()]);
  return [b.add('Sub', [weighted, b.add('Mul', [c.y(), sumOver(b, weighted, [axis])])])];
};

const logSoftmax: Rule = (c) => {
  const { b } = c;
  const total = sumOver(b, c.dy(), [intAttr(c.node, 'axis', -1)]);
  return [b.add('Sub', [c.dy(), b.add('Mul', [b.add('Exp', [c.y()]), total])])];
};

export const normaliseRules: Readonly<Record<string, Rule>> = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: lrn,
  LayerNormalization: layerNormalization,
  LogSoftmax: logSoftmax,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVariance,
  Softmax: softmax,
};
