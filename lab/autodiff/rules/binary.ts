import { intAttr } from '../../graph/attributes.ts';
import { type InputGradient, NONE, type Rule, type RuleContext, scaled, sumLike, ZERO } from '../rule.ts';
import { complement, mask01 } from './mask.ts';

/** Gradients of operators on two or more tensors that broadcast together. The walker undoes the broadcasting. */

const add: Rule = (c) => c.node.inputs.map((_, i) => c.when(i, () => c.towards(i)));

/** What broadcasts is summed before its sign is turned: fewer signs to turn. */
const sub: Rule = (c) => [
  c.when(0, () => c.towards(0)),
  c.when(1, () => c.b.add('Neg', [sumLike(c.b, c.towards(1), c.x(1))])),
];

const mul: Rule = (c) => {
  const { b } = c;
  const gate = swishGate(c);
  if (gate !== undefined) return swish(c, gate);
  // A square: both ways at once, and the 2 into what may still be small.
  if (c.x(0) === c.x(1)) return [b.add('Mul', [scaled(b, c.lazy(), 2), c.x()]), ZERO];
  // A factor in the output's shape expands the gradient by itself.
  const product = (to: number, other: number) =>
    b.add('Mul', [c.full(other) ? c.lazy() : c.towards(to), c.x(other)]);
  return [c.when(0, () => product(0, 1)), c.when(1, () => product(1, 0))];
};

/** Which input is the sigmoid of the other, if one is: x·σ(x), the swish or SiLU. */
function swishGate(c: RuleContext): 0 | 1 | undefined {
  const gates = ([0, 1] as const).filter((i) => {
    const node = c.producer(c.x(i));
    return node?.op === 'Sigmoid' && node.inputs[0] === c.x(1 - i);
  });
  return gates[0];
}

/** Both ways to x at once: σ + y·(1 − σ). Nothing is left to go through the sigmoid. */
function swish(c: RuleContext, gate: 0 | 1): InputGradient[] {
  const { b } = c;
  const sigma = c.x(gate);
  const bend = b.add('Mul', [c.y(), complement(b, sigma)]);
  const whole = b.add('Mul', [c.lazy(), b.add('Add', [sigma, bend])]);
  return gate === 0 ? [ZERO, whole] : [whole, ZERO];
}

const div: Rule = (c) => {
  const { b } = c;
  const over = b.add('Div', [c.dy(), c.x(1)]);
  return [over, c.when(1, () => b.add('Neg', [b.add('Mul', [over, c.y()])]))];
};

const pow: Rule = (c) => [c.when(0, () => powBase(c)), c.when(1, () => powExponent(c))];

/** b·a^(b−1), with the exponents that models really use written without Pow. */
function powBase(c: RuleContext): InputGradient {
  const { b } = c;
  const constant = b.graph.initializers.get(c.x(1));
  const exponent = constant && constant.data.length === 1 ? Number(constant.data[0]) : undefined;
  if (exponent === 0) return ZERO;
  if (exponent === 1) return c.dy();
  if (exponent === 2) return b.add('Mul', [c.dy(), scaled(b, c.x(), 2)]);
  if (exponent !== undefined) {
    const lower = b.add('Pow', [c.x(), b.scalar(exponent - 1)]);
    return b.add('Mul', [c.dy(), scaled(b, lower, exponent)]);
  }
  const power = floating(c, 1);
  const lower = b.add('Pow', [c.x(), b.add('Sub', [power, b.scalar(1)])]);
  // At exponent 0 the slope is 0 even at a = 0, where a^(−1) is infinite.
  const slope = b.add('Mul', [power, lower]);
  const flat = b.add('Equal', [power, b.scalar(0)]);
  return b.add('Mul', [c.dy(), b.add('Where', [flat, b.scalar(0), slope])]);
}

/** y·ln a for a > 0; 0 elsewhere, where y doesn't move smoothly with the exponent. */
function powExponent(c: RuleContext): InputGradient {
  const { b } = c;
  const positive = b.add('Greater', [c.x(), b.scalar(0)]);
  const log = b.add('Log', [b.add('Where', [positive, c.x(), b.scalar(1)])]);
  return b.add('Mul', [c.dy(), b.add('Mul', [c.y(), log])]);
}

function floating(c: RuleContext, input: number): string {
  const name = c.x(input);
  if (c.b.dtype(name).startsWith('float')) return name;
  return c.b.add('Cast', [name], { to: { type: 'int', value: 1 } });
}

/** Largest or smallest of several: those that tie share the gradient equally. */
const extremum: Rule = (c) => {
  const { b } = c;
  if (c.node.inputs.length === 1) return [c.lazy()];
  const wins = c.node.inputs.map((input) => {
    const equal = b.add('Equal', [input, c.y()]);
    return b.add('Cast', [equal], { to: { type: 'int', value: 1 } });
  });
  const share = b.add('Div', [c.dy(), wins.reduce((sum, win) => b.add('Add', [sum, win]))]);
  return wins.map((win, i) => c.when(i, () => b.add('Mul', [share, win])));
};

const mean: Rule = (c) => {
  return c.node.inputs.map((_, i) => c.when(i, () => scaled(c.b, c.towards(i), 1 / c.node.inputs.length)));
};

/** a − b·q, where q = floor(a/b), or trunc with fmod, is piecewise constant. */
const mod: Rule = (c) => {
  if (!c.needs(1)) return [c.towards(0), ZERO];
  const { b } = c;
  const quotient = b.add('Div', [b.add('Sub', [c.x(0), c.y()]), c.x(1)]);
  if (intAttr(c.node, 'fmod', 0) === 0) throw c.error('Mod of floating tensors needs fmod=1');
  return [c.towards(0), b.add('Neg', [b.add('Mul', [c.dy(), b.add('Round', [quotient])])])];
};

const where: Rule = (c) => {
  const { b } = c;
  const zero = b.scalar(0);
  return [
    NONE,
    c.when(1, () => b.add('Where', [c.x(0), c.dy(), zero])),
    c.when(2, () => b.add('Where', [c.x(0), zero, c.dy()])),
  ];
};

/**
 * Inside the bounds 1, at a bound and beyond 0, as for ReLU6; a bound that is an input of its own receives
 * the gradient of what it clips.
 */
const clip: Rule = (c) => {
  const { b } = c;
  const indicator = (op: string, bound: number): string =>
    b.add('Cast', [b.add(op, [c.x(), c.x(bound)])], { to: { type: 'int', value: 1 } });
  const inside = () => {
    const parts = [
      ...(c.has(1) ? [indicator('Greater', 1)] : []),
      ...(c.has(2) ? [indicator('Less', 2)] : []),
    ];
    return parts.reduce((g, part) => b.add('Mul', [g, part]), c.dy());
  };
  return c.entries(
    c.when(0, () => constantClip(c) ?? inside()),
    c.when(1, () => b.add('Mul', [c.dy(), indicator('Less', 1)])),
    c.when(2, () => b.add('Mul', [c.dy(), indicator('Greater', 2)])),
  );
};

/** With bounds known beforehand the mask comes off the output, which is kept anyway. */
function constantClip(c: RuleContext): string | undefined {
  const { b } = c;
  const bound = (i: number, absent: number): number | undefined => {
    if (!c.has(i)) return absent;
    const value = b.graph.initializers.get(c.x(i));
    return value && value.data.length === 1 ? Number(value.data[0]) : undefined;
  };
  const low = bound(1, -Infinity);
  const high = bound(2, Infinity);
  if (low === undefined || high === undefined) return undefined;
  if (low < -3e38 && high > 3e38) return c.lazy();
  // Beyond 64 the ramp of mask01 could overflow; comparisons serve there.
  if ([low, high].some((edge) => Math.abs(edge) > 64 && Number.isFinite(edge))) return undefined;
  return b.add('Mul', [c.lazy(), mask01(b, c.y(), low, high)]);
}

export const binaryRules: Readonly<Record<string, Rule>> = {
  Add: add,
  Clip: clip,
  Div: div,
  Max: extremum,
  Mean: mean,
  Min: extremum,
  Mod: mod,
  Mul: mul,
  Pow: pow,
  Sub: sub,
  Sum: add,
  Where: where,
};
