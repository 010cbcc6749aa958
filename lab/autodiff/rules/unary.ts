import { floatAttr, stringAttr } from '../../graph/attributes.ts';
import { float } from '../../graph/builder.ts';
import { NONE, type Rule, type RuleContext, scaled, ZERO } from '../rule.ts';
import { complement, mask01 } from './mask.ts';

/** Gradients of operators on one tensor, element by element. */

const SQRT_2_PI = Math.sqrt(2 / Math.PI);

/** dy · factor, where `factor` has the output's shape. */
function times(c: RuleContext, factor: string): [string] {
  return [c.b.add('Mul', [c.lazy(), factor])];
}

function positive(c: RuleContext): string {
  return c.b.add('Greater', [c.x(), c.b.scalar(0)]);
}

/** The mask is read off the output: it is kept for the next layer anyway, the input need not be. */
const relu: Rule = (c) => times(c, mask01(c.b, c.y(), 0, Infinity));

const leakyRelu: Rule = (c) => {
  const alpha = floatAttr(c.node, 'alpha', 0.01);
  return times(c, c.b.add('Where', [positive(c), c.b.scalar(1), c.b.scalar(alpha)]));
};

const prelu: Rule = (c) => {
  const { b } = c;
  const mask = positive(c);
  return [
    c.when(0, () => b.add('Mul', [c.lazy(), b.add('Where', [mask, b.scalar(1), c.x(1)])])),
    c.when(1, () => b.add('Mul', [c.dy(), b.add('Min', [c.x(), b.scalar(0)])])),
  ];
};

const thresholdedRelu: Rule = (c) => {
  const over = c.b.add('Greater', [c.x(), c.b.scalar(floatAttr(c.node, 'alpha', 1))]);
  return times(c, c.b.add('Cast', [over], { to: { type: 'int', value: 1 } }));
};

/** y·(1 − y). */
const sigmoid: Rule = (c) => times(c, c.b.add('Mul', [c.y(), complement(c.b, c.y())]));

const tanh: Rule = (c) => {
  const { b } = c;
  return times(c, complement(b, b.add('Mul', [c.y(), c.y()])));
};

const hardSigmoid: Rule = (c) => [
  scaled(c.b, times(c, mask01(c.b, c.y(), 0, 1))[0], floatAttr(c.node, 'alpha', 0.2)),
];

/** x·clip(x/6 + 1/2): 0 below −3, 1 above 3, x/3 + 1/2 between. */
const hardSwish: Rule = (c) => {
  const { b } = c;
  // x/3 + 1/2 leaves [0, 1] inside (−3, 3), so the slope is assembled: clip(x/6 + 1/2) + x/6 inside.
  const gate = b.add('HardSigmoid', [c.x()], { alpha: float(1 / 6), beta: float(0.5) });
  const inside = mask01(b, gate, 0, 1);
  const slope = b.add('Add', [gate, b.add('Mul', [inside, scaled(b, c.x(), 1 / 6)])]);
  return times(c, slope);
};

const erf: Rule = (c) => {
  const { b } = c;
  const bell = b.add('Exp', [b.add('Neg', [b.add('Mul', [c.x(), c.x()])])]);
  return times(c, scaled(b, bell, 2 / Math.sqrt(Math.PI)));
};

/** Φ(x) + x φ(x), and the derivative of the tanh approximation where that is what the model computes. */
const gelu: Rule = (c) => {
  const { b } = c;
  const x = c.x();
  if (stringAttr(c.node, 'approximate', 'none') === 'tanh') return times(c, tanhGeluSlope(c));
  const over = scaled(b, x, Math.SQRT1_2);
  // ½(1 + erf) in one pass: it lies in [0, 1].
  const cdf = b.add('HardSigmoid', [b.add('Erf', [over])], { alpha: float(0.5), beta: float(0.5) });
  const bell = b.add('Exp', [b.add('Mul', [over, scaled(b, x, -Math.SQRT1_2)])]);
  const bend = b.add('Mul', [scaled(b, x, 1 / Math.sqrt(2 * Math.PI)), bell]);
  return times(c, b.add('Add', [cdf, bend]));
};

function tanhGeluSlope(c: RuleContext): string {
  const { b } = c;
  const x = c.x();
  const square = b.add('Mul', [x, x]);
  const cubic = b.add('Mul', [x, b.add('Add', [scaled(b, square, 0.044715), b.scalar(1)])]);
  const t = b.add('Tanh', [scaled(b, cubic, SQRT_2_PI)]);
  const slope = scaled(b, b.add('Add', [scaled(b, square, 3 * 0.044715), b.scalar(1)]), SQRT_2_PI);
  const sech = b.add('Sub', [b.scalar(1), b.add('Mul', [t, t])]);
  const right = b.add('Mul', [b.add('Mul', [x, sech]), slope]);
  return scaled(b, b.add('Add', [b.add('Add', [t, b.scalar(1)]), right]), 0.5);
}

/** Where the unit is linear: `slope`; elsewhere y + `offset`. */
function exponentialUnit(c: RuleContext, slope: number, offset: number): [string] {
  const { b } = c;
  const curved = b.add('Add', [c.y(), b.scalar(offset)]);
  return times(c, b.add('Where', [positive(c), b.scalar(slope), curved]));
}

const elu: Rule = (c) => exponentialUnit(c, 1, floatAttr(c.node, 'alpha', 1));

const selu: Rule = (c) => {
  const alpha = floatAttr(c.node, 'alpha', 1.6732632423543772);
  const gamma = floatAttr(c.node, 'gamma', 1.0507009873554805);
  return exponentialUnit(c, gamma, alpha * gamma);
};

/** exp(x/α) below zero, 1 above: exp(min(x, 0)/α). */
const celu: Rule = (c) => {
  const low = c.b.add('Min', [c.x(), c.b.scalar(0)]);
  return times(c, c.b.add('Exp', [scaled(c.b, low, 1 / floatAttr(c.node, 'alpha', 1))]));
};

const softplus: Rule = (c) => times(c, c.b.add('Sigmoid', [c.x()]));

const softsign: Rule = (c) => {
  const { b } = c;
  const d = b.add('Reciprocal', [b.add('Add', [b.add('Abs', [c.x()]), b.scalar(1)])]);
  return times(c, b.add('Mul', [d, d]));
};

/** x·tanh(softplus(x)). */
const mish: Rule = (c) => {
  const { b } = c;
  const t = b.add('Tanh', [b.add('Softplus', [c.x()])]);
  const sech = b.add('Sub', [b.scalar(1), b.add('Mul', [t, t])]);
  const bend = b.add('Mul', [b.add('Mul', [c.x(), b.add('Sigmoid', [c.x()])]), sech]);
  return times(c, b.add('Add', [t, bend]));
};

const exp: Rule = (c) => times(c, c.y());
const log: Rule = (c) => [c.b.add('Div', [c.lazy(), c.x()])];
const sqrt: Rule = (c) => [scaled(c.b, c.b.add('Div', [c.lazy(), c.y()]), 0.5)];
const neg: Rule = (c) => [c.b.add('Neg', [c.lazy()])];
const abs: Rule = (c) => times(c, c.b.add('Sign', [c.x()]));
const sin: Rule = (c) => times(c, c.b.add('Cos', [c.x()]));
const cos: Rule = (c) => [c.b.add('Neg', times(c, c.b.add('Sin', [c.x()])))];
const reciprocal: Rule = (c) => [c.b.add('Neg', times(c, c.b.add('Mul', [c.y(), c.y()])))];
const tan: Rule = (c) => times(c, c.b.add('Add', [c.b.add('Mul', [c.y(), c.y()]), c.b.scalar(1)]));

const atan: Rule = (c) => {
  const { b } = c;
  return [b.add('Div', [c.lazy(), b.add('Add', [b.add('Mul', [c.x(), c.x()]), b.scalar(1)])])];
};

const passThrough: Rule = (c) => c.entries(c.lazy());

/** In inference the identity; in training the mask that the forward pass drew is applied again. */
const dropout: Rule = (c) => {
  if (!c.has(2)) return c.entries(c.lazy());
  const training = c.b.graph.initializers.get(c.x(2));
  if (training && Number(training.data[0]) === 0) return c.entries(c.lazy());
  if ((c.node.outputs[1] ?? '') === '')
    throw c.error('its mask output is needed for a gradient in training mode');
  const { b } = c;
  const ratio = c.has(1) ? c.x(1) : b.scalar(0.5);
  const keep = b.add('Cast', [c.y(1)], { to: { type: 'int', value: 1 } });
  const scale = b.add('Div', [keep, b.add('Sub', [b.scalar(1), ratio])]);
  return c.entries(b.add('Mul', [c.lazy(), scale]));
};

/** Piecewise constant: the gradient is zero wherever it exists. */
const zero: Rule = (c) => c.node.inputs.map(() => ZERO);

/** Between floating types the identity; a gradient never reaches one from integers. */
const cast: Rule = (c) => [c.b.dtype(c.x()).startsWith('float') ? c.lazy() : NONE];

export const unaryRules: Readonly<Record<string, Rule>> = {
  Abs: abs,
  Atan: atan,
  Cast: cast,
  CastLike: (c) => c.entries(cast(c)[0]),
  Ceil: zero,
  Celu: celu,
  Cos: cos,
  Dropout: dropout,
  Elu: elu,
  Erf: erf,
  Exp: exp,
  Floor: zero,
  Gelu: gelu,
  'com.microsoft.Gelu': gelu,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Hardmax: zero,
  Identity: passThrough,
  LeakyRelu: leakyRelu,
  Log: log,
  Mish: mish,
  Neg: neg,
  PRelu: prelu,
  Reciprocal: reciprocal,
  Relu: relu,
  Round: zero,
  Selu: selu,
  Sigmoid: sigmoid,
  Sign: zero,
  Sin: sin,
  Softplus: softplus,
  Softsign: softsign,
  Sqrt: sqrt,
  Tan: tan,
  Tanh: tanh,
  ThresholdedRelu: thresholdedRelu,
};
