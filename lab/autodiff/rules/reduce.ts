import { flagAttr, intAttr } from '../../graph/attributes.ts';
import { NONE, type Rule, type RuleContext, scaled, sumOver, ZERO, zerosLike } from '../rule.ts';

/** Gradients of reductions, of cumulative sums and of the largest k. */

/** The axes that a Reduce… node reduces, or undefined when it does nothing. */
function reducedAxes(c: RuleContext): number[] | undefined {
  const rank = c.b.shape(c.x()).length;
  const every = Array.from({ length: rank }, (_, axis) => axis);
  if (!c.has(1)) return flagAttr(c.node, 'noop_with_empty_axes', false) ? undefined : every;
  const axes = c.b.graph.initializers.get(c.x(1));
  if (!axes) throw c.error('its axes must be constant for a gradient');
  const given = Array.from(axes.data as BigInt64Array, (axis) => (Number(axis) + rank) % rank);
  if (given.length > 0) return given;
  return flagAttr(c.node, 'noop_with_empty_axes', false) ? undefined : every;
}

/** A value of the output's shape with the reduced axes put back as 1. */
function kept(c: RuleContext, value: string, axes: readonly number[]): string {
  if (flagAttr(c.node, 'keepdims', true)) return value;
  return c.b.add('Unsqueeze', [value, c.b.longs([...axes].sort((p, q) => p - q))]);
}

type Reduction = (c: RuleContext, axes: number[], dy: string, y: string) => string;

function reduction(gradient: Reduction, identity: (c: RuleContext) => string = (c) => c.lazy()): Rule {
  return (c) => {
    const axes = reducedAxes(c);
    if (axes === undefined) return c.entries(identity(c));
    return c.entries(gradient(c, axes, kept(c, c.dy(), axes), kept(c, c.y(), axes)));
  };
}

/** How many elements go into each result: a constant, or worked out at run time when the batch is reduced. */
function divideByCount(c: RuleContext, value: string, axes: readonly number[]): string {
  const { b } = c;
  const dims = axes.map((axis) => b.shape(c.x())[axis]);
  if (dims.every((d) => typeof d === 'number')) {
    return scaled(b, value, 1 / (dims as number[]).reduce((p, d) => p * d, 1));
  }
  const extents = b.add('Gather', [b.add('Shape', [c.x()]), b.longs(axes)]);
  const count = b.add('Cast', [b.add('ReduceProd', [extents], { keepdims: { type: 'int', value: 0 } })], {
    to: { type: 'int', value: 1 },
  });
  return b.add('Div', [value, count]);
}

/** Elements equal to the extremum share its gradient equally. */
const shareExtremum: Reduction = (c, axes, dy, y) => {
  const { b } = c;
  const wins = b.add('Cast', [b.add('Equal', [c.x(), y])], { to: { type: 'int', value: 1 } });
  return b.add('Mul', [wins, b.add('Div', [dy, sumOver(b, wins, axes)])]);
};

/** Product of the others: P/x where nothing is zero, and spelled out where one or more elements are. */
const product: Reduction = (c, axes, dy) => {
  const { b } = c;
  const isZero = b.add('Equal', [c.x(), b.scalar(0)]);
  const filled = b.add('Where', [isZero, b.scalar(1), c.x()]);
  const keep = { keepdims: { type: 'int', value: 1 } } as const;
  const others = b.add('ReduceProd', [filled, b.longs(axes)], keep);
  const zeros = b.add('Cast', [isZero], { to: { type: 'int', value: 1 } });
  const elsewhere = b.add('Sub', [sumOver(b, zeros, axes), zeros]);
  const alone = b.add('Equal', [elsewhere, b.scalar(0)]);
  const slope = b.add('Where', [alone, b.add('Div', [others, filled]), b.scalar(0)]);
  return b.add('Mul', [dy, slope]);
};

/** x/‖x‖, and 0 at the origin. */
const l2: Reduction = (c, _axes, dy, y) => {
  const { b } = c;
  const origin = b.add('Equal', [y, b.scalar(0)]);
  const norm = b.add('Where', [origin, b.scalar(1), y]);
  return b.add('Mul', [c.x(), b.add('Div', [dy, norm])]);
};

const absolute = (c: RuleContext) => c.b.add('Mul', [c.lazy(), c.b.add('Sign', [c.x()])]);
const twice = (c: RuleContext) => c.b.add('Mul', [c.lazy(), scaled(c.b, c.x(), 2)]);

const cumSum: Rule = (c) => {
  const { node } = c;
  const reverse = { type: 'int', value: 1 - intAttr(node, 'reverse', 0) } as const;
  const exclusive = { type: 'int', value: intAttr(node, 'exclusive', 0) } as const;
  return c.entries(c.b.add('CumSum', [c.dy(), c.x(1)], { reverse, exclusive }));
};

/** Values go back to where they were taken from. */
const topK: Rule = (c) => {
  const { b } = c;
  if (!c.reached(0)) return c.entries(ZERO);
  const axis = intAttr(c.node, 'axis', -1);
  return c.entries(
    b.add('ScatterElements', [zerosLike(b, c.x()), c.y(1), c.dy(0)], { axis: { type: 'int', value: axis } }),
  );
};

export const reduceRules: Readonly<Record<string, Rule>> = {
  ArgMax: () => [NONE],
  ArgMin: () => [NONE],
  CumSum: cumSum,
  ReduceL1: reduction((c, _a, dy) => c.b.add('Mul', [dy, c.b.add('Sign', [c.x()])]), absolute),
  ReduceL2: reduction(l2, absolute),
  ReduceLogSum: reduction(
    (c, _a, dy, y) => c.b.add('Div', [dy, c.b.add('Exp', [y])]),
    (c) => c.b.add('Div', [c.lazy(), c.x()]),
  ),
  ReduceLogSumExp: reduction((c, _a, dy, y) =>
    c.b.add('Mul', [dy, c.b.add('Exp', [c.b.add('Sub', [c.x(), y])])]),
  ),
  ReduceMax: reduction(shareExtremum),
  ReduceMean: reduction((c, axes, dy) => divideByCount(c, dy, axes)),
  ReduceMin: reduction(shareExtremum),
  ReduceProd: reduction(product),
  ReduceSum: reduction((_c, _axes, dy) => dy),
  ReduceSumSquare: reduction((c, _a, dy) => c.b.add('Mul', [dy, scaled(c.b, c.x(), 2)]), twice),
  TopK: topK,
};
