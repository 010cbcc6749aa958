import { tensorOf } from '../../tensors.ts';
import { bools, type Case, floats, given, int, ints, positives } from './case.ts';

/** Elementwise operators, products and reductions. */

const x = () => floats(2, 3, 5);

const unary: Case[] = [
  ...'Relu HardSwish Sigmoid Tanh Erf Softplus Softsign Mish Exp Neg Abs Sign Floor Ceil Round Sin Cos Tan Atan Sinh Cosh Asinh'
    .split(' ')
    .map((op) => ({ op, inputs: [x()] })),
  ...'Log Sqrt Reciprocal'.split(' ').map((op) => ({ op, inputs: [positives(2, 3, 5)] })),
  { op: 'Round', note: 'ties to even', inputs: [given([1, 6], -2.5, -1.5, -0.5, 0.5, 1.5, 2.5)] },
  { op: 'LeakyRelu', attributes: { alpha: 0.3 }, inputs: [x()] },
  { op: 'PRelu', note: 'a slope for each channel', inputs: [x(), floats(3, 1)] },
  { op: 'Elu', attributes: { alpha: 0.7 }, inputs: [x()] },
  { op: 'Selu', inputs: [x()] },
  { op: 'Celu', attributes: { alpha: 0.7 }, inputs: [x()] },
  { op: 'ThresholdedRelu', attributes: { alpha: 0.5 }, inputs: [x()] },
  { op: 'Shrink', attributes: { lambd: 0.6, bias: 0.25 }, inputs: [x()] },
  { op: 'HardSigmoid', attributes: { alpha: 0.25, beta: 0.4 }, inputs: [x()] },
  { op: 'Gelu', inputs: [x()] },
  { op: 'Gelu', note: 'by tanh', attributes: { approximate: 'tanh' }, inputs: [x()] },
  { op: 'Gelu', domain: 'com.microsoft', inputs: [x()] },
  { op: 'Clip', inputs: [x(), given([], -0.5), given([], 0.75)] },
  { op: 'Clip', note: 'no lower bound', inputs: [x(), undefined, given([], 0.75)] },
  { op: 'IsNaN', inputs: [given([1, 3], 0, Number.NaN, 1)] },
  { op: 'IsInf', inputs: [given([1, 3], 0, Number.NEGATIVE_INFINITY, 1)] },
  { op: 'Not', inputs: [bools([2, 2], 1, 0, 0, 1)] },
  { op: 'Identity', inputs: [x()] },
  { op: 'Dropout', outputs: 2, inputs: [x()] },
  { op: 'Cast', note: 'to int64', attributes: { to: 7 }, inputs: [x()] },
  { op: 'Cast', note: 'to bool', attributes: { to: 9 }, inputs: [given([1, 3], 0, 0.5, -2)] },
  { op: 'CastLike', inputs: [x(), int(1)] },
];

const binary: Case[] = [
  { op: 'Add', inputs: [x(), floats(5)] },
  { op: 'Sub', note: 'both stretched', inputs: [floats(2, 1, 5), floats(2, 3, 1)], batch: [0, 1] },
  { op: 'Mul', note: 'the first stretched', inputs: [floats(3, 1), x()], batch: [1] },
  { op: 'Div', inputs: [x(), positives(1, 3, 1)] },
  { op: 'Div', note: 'of integers, towards zero', inputs: [ints(-7, 7, -9), ints(2, -2, 3)], batch: [] },
  { op: 'Mod', note: 'sign of the divisor', inputs: [ints(-7, 7, -9), ints(2, -2, 4)], batch: [] },
  { op: 'Mod', note: 'of floats', attributes: { fmod: 1 }, inputs: [x(), positives(5)] },
  { op: 'Pow', inputs: [positives(2, 3), floats(3)] },
  { op: 'Pow', note: 'an integer exponent', inputs: [x(), int(2)] },
  { op: 'Min', inputs: [x(), floats(5), floats(3, 1)] },
  { op: 'Max', inputs: [x(), floats(5), floats(3, 1)] },
  { op: 'Mean', inputs: [x(), floats(5), floats(3, 1)] },
  { op: 'Sum', inputs: [x(), floats(5), floats(3, 1)] },
  { op: 'Where', inputs: [bools([2, 1], 1, 0), floats(3), floats(2, 3)], batch: [0, 2] },
  ...'Greater Less GreaterOrEqual LessOrEqual'.split(' ').map((op) => ({ op, inputs: [x(), floats(5)] })),
  { op: 'Equal', inputs: [ints(1, 2, 3), ints(1, 0, 3)], batch: [] },
  ...'And Or Xor'
    .split(' ')
    .map((op) => ({ op, inputs: [bools([4], 0, 0, 1, 1), bools([4], 0, 1, 0, 1)], batch: [] })),
];

const products: Case[] = [
  { op: 'MatMul', inputs: [floats(2, 3, 4), floats(4, 5)] },
  { op: 'MatMul', note: 'stacks broadcast', inputs: [floats(2, 1, 3, 4), floats(5, 4, 2)] },
  { op: 'MatMul', note: 'a vector first', inputs: [floats(4), floats(2, 4, 3)], batch: [1] },
  { op: 'MatMul', note: 'a vector last', inputs: [floats(2, 3, 4), floats(4)] },
  { op: 'Gemm', inputs: [floats(2, 3), floats(3, 4), floats(4)] },
  {
    op: 'Gemm',
    note: 'transposed, scaled',
    attributes: { transA: 1, transB: 1, alpha: 0.5, beta: 0.25 },
    inputs: [floats(3, 2), floats(4, 3), floats(2, 1)],
    batch: [],
  },
  {
    op: 'FusedMatMul',
    domain: 'com.microsoft',
    attributes: { transA: 1, transB: 1, alpha: 0.5 },
    inputs: [floats(2, 4, 3), floats(2, 5, 4)],
    batch: [0, 1],
  },
  {
    op: 'Einsum',
    attributes: { equation: 'bij,bjk->bik' },
    inputs: [floats(2, 3, 4), floats(2, 4, 5)],
    batch: [0, 1],
  },
  {
    op: 'Einsum',
    note: 'ellipsis',
    attributes: { equation: '...ij,kj->...ik' },
    inputs: [floats(2, 3, 4), floats(5, 4)],
  },
  { op: 'Einsum', note: 'diagonal', attributes: { equation: 'bii->bi' }, inputs: [floats(2, 3, 3)] },
  {
    op: 'Einsum',
    note: 'implicit output',
    attributes: { equation: 'ij,jk' },
    inputs: [floats(2, 3), floats(3, 4)],
  },
];

const reductions: Case[] = [
  ...'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSumExp'
    .split(' ')
    .flatMap((op) => [
      { op, inputs: [x(), ints(1)] },
      { op, note: 'axes gone', attributes: { keepdims: 0 }, inputs: [x(), ints(-1, 1)] },
    ]),
  { op: 'ReduceSum', note: 'all axes', attributes: { keepdims: 0 }, inputs: [x()], batch: [] },
  {
    op: 'ReduceMean',
    note: 'no axes, nothing to do',
    attributes: { noop_with_empty_axes: 1 },
    inputs: [x()],
  },
  { op: 'ReduceLogSum', inputs: [positives(2, 3), ints(1)] },
  { op: 'ArgMax', attributes: { axis: 1 }, inputs: [x()] },
  {
    op: 'ArgMax',
    note: 'the last of equals',
    attributes: { axis: -1, keepdims: 0, select_last_index: 1 },
    inputs: [given([2, 3], 1, 2, 2, 3, 3, 1)],
  },
  { op: 'ArgMin', attributes: { axis: -1, keepdims: 0 }, inputs: [x()] },
  { op: 'TopK', outputs: 2, inputs: [x(), ints(2)] },
  {
    op: 'TopK',
    note: 'smallest, inner axis',
    outputs: 2,
    attributes: { axis: 1, largest: 0 },
    inputs: [x(), ints(2)],
  },
  { op: 'CumSum', inputs: [x(), tensorOf('int32', [], [1])] },
  {
    op: 'CumSum',
    note: 'exclusive, from the end',
    attributes: { exclusive: 1, reverse: 1 },
    inputs: [x(), tensorOf('int32', [], [2])],
  },
  { op: 'Softmax', attributes: { axis: 1 }, inputs: [x()] },
  { op: 'LogSoftmax', inputs: [x()] },
  { op: 'Hardmax', inputs: [x()] },
];

export const computing: readonly Case[] = [...unary, ...binary, ...products, ...reductions];
