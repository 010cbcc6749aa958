import { flagAttr, floatAttr, intAttr, stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Node, Tensor } from '../ir.ts';
import { isFloat, tensorOf } from '../tensors.ts';
import {
  broadcastIndex,
  type Call,
  input,
  type Kernel,
  type Kernels,
  numbers,
  optionalNumbers,
  result,
  roundHalfEven,
} from './call.ts';
import { erf, gelu, sigmoid, softplus } from './special.ts';

/** Operators that work element by element. */

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

function map(call: Call, f: Unary): Tensor {
  const x = numbers(call, 0);
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = f(x[i]!);
  return result(call, y);
}

const unary =
  (f: Unary): Kernel =>
  (call) => [map(call, f)];

/** A function with parameters read from the node, once. */
const configured =
  (make: (node: Node) => Unary): Kernel =>
  (call) => [map(call, make(call.node))];

function combine(call: Call, first: number, second: number, f: Binary): Float64Array {
  const { dims } = call.outputs[0]!;
  const a = numbers(call, first);
  const b = numbers(call, second);
  const ai = broadcastIndex(input(call, first).dims, dims);
  const bi = broadcastIndex(input(call, second).dims, dims);
  const y = new Float64Array(ai.length);
  for (let i = 0; i < y.length; i++) y[i] = f(a[ai[i]!]!, b[bi[i]!]!);
  return y;
}

const binary =
  (f: Binary): Kernel =>
  (call) => [result(call, combine(call, 0, 1, f))];

const test = (f: (a: number, b: number) => boolean): Kernel => binary((a, b) => Number(f(a, b)));

const div: Kernel = (call) => {
  if (isFloat(call.outputs[0]!.dtype)) return binary((a, b) => a / b)(call);
  if (numbers(call, 1).includes(0)) throw new GraphError('Integer division by zero', { node: call.node });
  return binary((a, b) => Math.trunc(a / b))(call);
};

const mod: Kernel = (call) => {
  if (flagAttr(call.node, 'fmod', false)) return binary((a, b) => a % b)(call);
  return binary((a, b) => (b === 0 ? 0 : a - b * Math.floor(a / b)))(call);
};

function variadic(f: Binary, finish: (sum: number, count: number) => number = (sum) => sum): Kernel {
  return (call) => {
    const { inputs, outputs } = call;
    const { dims } = outputs[0]!;
    let total: Float64Array | undefined;
    inputs.forEach((_, k) => {
      const x = numbers(call, k);
      const at = broadcastIndex(input(call, k).dims, dims);
      total = total ? total.map((y, i) => f(y, x[at[i]!]!)) : Float64Array.from(at, (i) => x[i]!);
    });
    return [
      result(
        call,
        total!.map((y) => finish(y, inputs.length)),
      ),
    ];
  };
}

const where: Kernel = (call) => {
  const condition = numbers(call, 0);
  const { dims, dtype } = call.outputs[0]!;
  const [c, a, b] = [0, 1, 2].map((k) => broadcastIndex(input(call, k).dims, dims));
  const x = input(call, 1).data;
  const y = input(call, 2).data;
  const picked = tensorOf(dtype, dims, new Float64Array(c!.length));
  for (let i = 0; i < c!.length; i++) picked.data[i] = condition[c![i]!] ? x[a![i]!]! : y[b![i]!]!;
  return [picked];
};

const clip: Kernel = (call) => {
  const low = optionalNumbers(call, 1)?.[0] ?? Number.NEGATIVE_INFINITY;
  const high = optionalNumbers(call, 2)?.[0] ?? Number.POSITIVE_INFINITY;
  return [map(call, (x) => Math.min(Math.max(x, low), high))];
};

const dropout: Kernel = (call) => {
  const training = optionalNumbers(call, 2)?.[0];
  if (training && (optionalNumbers(call, 1)?.[0] ?? 0.5) > 0) {
    throw new GraphError("Dropout in training is random and can't be evaluated", { node: call.node });
  }
  const x = input(call, 0);
  return [x, tensorOf('bool', x.dims, new Float64Array(x.data.length).fill(1))];
};

const cast: Kernel = (call) => {
  const { dtype, dims } = call.outputs[0]!;
  const x = input(call, 0);
  if (dtype === x.dtype) return [x];
  if (dtype === 'float16' || x.dtype === 'float16') {
    throw new GraphError('float16 is not evaluated', { node: call.node });
  }
  const values = numbers(call, 0);
  if (isFloat(dtype) || dtype === 'bool') return [tensorOf(dtype, dims, values)];
  return [tensorOf(dtype, dims, Float64Array.from(values, Math.trunc))];
};

const identity: Kernel = (call) => [input(call, 0)];

const leakyRelu = (slope: number): Unary => {
  return (x) => (x < 0 ? slope * x : x);
};

const activations: Kernels = {
  Relu: unary((x) => Math.max(x, 0)),
  LeakyRelu: configured((node) => leakyRelu(floatAttr(node, 'alpha', 0.01))),
  PRelu: binary((x, slope) => (x < 0 ? slope * x : x)),
  ThresholdedRelu: configured((node) => {
    const alpha = floatAttr(node, 'alpha', 1);
    return (x) => (x > alpha ? x : 0);
  }),
  HardSigmoid: configured((node) => {
    const alpha = floatAttr(node, 'alpha', 0.2);
    const beta = floatAttr(node, 'beta', 0.5);
    return (x) => Math.max(0, Math.min(1, alpha * x + beta));
  }),
  HardSwish: unary((x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
  Sigmoid: unary(sigmoid),
  Tanh: unary(Math.tanh),
  Erf: unary(erf),
  Gelu: configured((node) => {
    const approximate = stringAttr(node, 'approximate', 'none') === 'tanh';
    return (x) => gelu(x, approximate);
  }),
  Elu: configured((node) => {
    const alpha = floatAttr(node, 'alpha', 1);
    return (x) => (x < 0 ? alpha * Math.expm1(x) : x);
  }),
  Selu: configured((node) => {
    const alpha = floatAttr(node, 'alpha', 1.6732631921768188);
    const gamma = floatAttr(node, 'gamma', 1.0507010221481323);
    return (x) => gamma * (x < 0 ? alpha * Math.expm1(x) : x);
  }),
  Celu: configured((node) => {
    const alpha = floatAttr(node, 'alpha', 1);
    return (x) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  }),
  Shrink: configured((node) => {
    const bias = floatAttr(node, 'bias', 0);
    const lambda = floatAttr(node, 'lambd', 0.5);
    return (x) => (x < -lambda ? x + bias : x > lambda ? x - bias : 0);
  }),
  Softplus: unary(softplus),
  Softsign: unary((x) => x / (1 + Math.abs(x))),
  Mish: unary((x) => x * Math.tanh(softplus(x))),
  Clip: clip,
};

const functions: Kernels = Object.fromEntries(
  (
    [
      ['Exp', Math.exp],
      ['Log', Math.log],
      ['Sqrt', Math.sqrt],
      ['Reciprocal', (x) => 1 / x],
      ['Neg', (x) => -x],
      ['Abs', Math.abs],
      ['Sign', Math.sign],
      ['Floor', Math.floor],
      ['Ceil', Math.ceil],
      ['Round', roundHalfEven],
      ['Sin', Math.sin],
      ['Cos', Math.cos],
      ['Tan', Math.tan],
      ['Asin', Math.asin],
      ['Acos', Math.acos],
      ['Atan', Math.atan],
      ['Sinh', Math.sinh],
      ['Cosh', Math.cosh],
      ['Asinh', Math.asinh],
      ['Acosh', Math.acosh],
      ['Atanh', Math.atanh],
      ['Not', (x) => (x ? 0 : 1)],
      ['IsNaN', (x) => (Number.isNaN(x) ? 1 : 0)],
    ] satisfies [string, Unary][]
  ).map(([name, f]) => [name, unary(f)]),
);

const isInf: Kernel = configured((node) => {
  const negative = intAttr(node, 'detect_negative', 1) !== 0;
  const positive = intAttr(node, 'detect_positive', 1) !== 0;
  return (x) =>
    Number((negative && x === Number.NEGATIVE_INFINITY) || (positive && x === Number.POSITIVE_INFINITY));
});

export const elementwiseKernels: Kernels = {
  ...activations,
  ...functions,
  IsInf: isInf,
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: div,
  Mod: mod,
  Pow: binary((a, b) => a ** b),
  Min: variadic(Math.min),
  Max: variadic(Math.max),
  Sum: variadic((a, b) => a + b),
  Mean: variadic(
    (a, b) => a + b,
    (sum, count) => sum / count,
  ),
  Equal: test((a, b) => a === b),
  Greater: test((a, b) => a > b),
  Less: test((a, b) => a < b),
  GreaterOrEqual: test((a, b) => a >= b),
  LessOrEqual: test((a, b) => a <= b),
  And: test((a, b) => a !== 0 && b !== 0),
  Or: test((a, b) => a !== 0 || b !== 0),
  Xor: test((a, b) => (a !== 0) !== (b !== 0)),
  Where: where,
  Cast: cast,
  CastLike: cast,
  Dropout: dropout,
  Identity: identity,
};
