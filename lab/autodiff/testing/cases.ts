import { type Case, floats, given, ints, positives } from '../../graph/evaluate/testing/case.ts';

/**
 * What is hard for a gradient alone, beyond the evaluator's table: windows that leave rows uncovered, strides
 * beyond kernels, formulations that take another road at certain sizes, broadcasting in every direction.
 */

const image = () => floats(2, 4, 7, 6);

/** No two of these values are equal. */
function distinct(...dims: number[]) {
  const count = dims.reduce((p, n) => p * n, 1);
  // 7919 is prime to every count here, so that i ↦ 7919·i is a permutation.
  return given(dims, ...Array.from({ length: count }, (_, i) => ((7919 * i) % count) / 64 - 3));
}

function conv(
  note: string,
  attributes: NonNullable<Case['attributes']>,
  x: readonly number[],
  w: readonly number[],
): Case {
  return { op: 'Conv', note, attributes, inputs: [floats(...x), floats(...w)] };
}

const convolutions: Case[] = [
  conv('stride 2, odd size, rows left over', { strides: [2, 2] }, [2, 4, 8, 9], [3, 4, 3, 3]),
  conv(
    'stride 2, kernel 7, padded, three channels',
    { strides: [2, 2], pads: [3, 3, 3, 3] },
    [2, 3, 15, 14],
    [8, 3, 7, 7],
  ),
  conv('stride 2, kernel 1', { strides: [2, 2] }, [2, 4, 7, 6], [5, 4, 1, 1]),
  conv('stride 3, kernel 3', { strides: [3, 3], pads: [1, 1, 1, 1] }, [1, 2, 8, 7], [3, 2, 3, 3]),
  conv('stride 3, kernel 2', { strides: [3, 3] }, [1, 2, 8, 7], [3, 2, 2, 2]),
  conv('stride 4, kernel 11', { strides: [4, 4], pads: [2, 2, 2, 2] }, [1, 3, 19, 18], [4, 3, 11, 11]),
  conv('stride 2, asymmetric pads', { strides: [2, 2], pads: [0, 0, 1, 1] }, [2, 2, 7, 6], [3, 2, 3, 3]),
  conv('stride 2, kernel 5 and 2', { strides: [2, 2], pads: [2, 0, 2, 1] }, [2, 2, 7, 6], [3, 2, 5, 2]),
  conv('stride 2, depthwise', { strides: [2, 2], pads: [1, 1, 1, 1], group: 4 }, [2, 4, 7, 6], [4, 1, 3, 3]),
  conv(
    'stride 2, depthwise times two',
    { strides: [2, 2], pads: [1, 1, 1, 1], group: 4 },
    [2, 4, 7, 6],
    [8, 1, 3, 3],
  ),
  conv('stride 2, groups', { strides: [2, 2], pads: [2, 2, 2, 2], group: 2 }, [2, 4, 7, 6], [6, 2, 5, 5]),
  conv('groups of four channels', { pads: [1, 0, 0, 2], group: 2 }, [2, 8, 4, 5], [6, 4, 3, 2]),
  conv(
    'stride 2 and dilation 2',
    { strides: [2, 2], dilations: [2, 2], pads: [2, 2, 2, 2] },
    [2, 2, 9, 8],
    [3, 2, 3, 3],
  ),
  conv('one axis, four channels', { dilations: [2], pads: [2, 1] }, [2, 4, 7], [3, 4, 3]),
  conv('three axes, four channels', { pads: [1, 0, 0, 0, 1, 0] }, [1, 4, 2, 3, 3], [2, 4, 2, 2, 2]),
  conv('kernel as large as the image', {}, [2, 3, 5, 5], [6, 3, 5, 5]),
  conv(
    'small output, groups, dilated',
    { dilations: [1, 2], pads: [0, 1, 1, 0], group: 2 },
    [2, 4, 5, 6],
    [16, 2, 4, 3],
  ),
  conv(
    'depthwise times two, dilated, padded unevenly',
    { dilations: [2, 1], pads: [3, 0, 0, 2], group: 3 },
    [2, 3, 6, 7],
    [6, 1, 3, 4],
  ),
  conv('padding beyond the kernel', { pads: [2, 2, 2, 2] }, [1, 2, 4, 5], [3, 2, 2, 2]),
  conv('stride 16, patches', { strides: [4, 4] }, [2, 3, 8, 12], [5, 3, 4, 4]),
  conv('different strides', { strides: [2, 1], pads: [1, 1, 1, 1] }, [2, 2, 7, 6], [3, 2, 3, 3]),
];

const pools: Case[] = [
  {
    op: 'MaxPool',
    note: '3 over 2, odd size',
    attributes: { kernel_shape: [3, 3], strides: [2, 2] },
    inputs: [floats(2, 3, 9, 8)],
  },
  {
    op: 'MaxPool',
    note: '3 over 2, ceil mode',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
    inputs: [floats(2, 3, 8, 10)],
  },
  {
    op: 'MaxPool',
    note: '3 over 2, padded',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    inputs: [floats(1, 2, 7, 8)],
  },
  {
    op: 'MaxPool',
    note: '2 over 2, rows left over',
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    inputs: [floats(5, 2, 7, 5)],
  },
  {
    op: 'MaxPool',
    note: '2 over 3',
    attributes: { kernel_shape: [2, 2], strides: [3, 3] },
    inputs: [floats(1, 2, 9, 10)],
  },
  {
    op: 'MaxPool',
    note: 'stride 1, padded',
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    inputs: [image()],
  },
  {
    op: 'MaxPool',
    note: 'dilated over 2',
    attributes: { kernel_shape: [2, 2], strides: [2, 2], dilations: [2, 3] },
    inputs: [floats(1, 2, 8, 9)],
  },
  {
    op: 'AveragePool',
    note: 'stride 1, padded, pads not counted',
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    inputs: [image()],
  },
  {
    op: 'AveragePool',
    note: 'stride 1, padded, pads counted',
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
    inputs: [image()],
  },
  {
    op: 'AveragePool',
    note: '2 over 2, rows left over',
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    inputs: [floats(2, 2, 7, 5)],
  },
  {
    op: 'AveragePool',
    note: '3 over 2, ceil mode, padded',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, pads: [1, 0, 1, 0] },
    inputs: [floats(1, 2, 8, 7)],
  },
];

function blockedPool(note: string, attributes: NonNullable<Case['attributes']>, ...dims: number[]): Case {
  return { op: 'MaxPool', note: `${note}, channels in blocks`, attributes, inputs: [distinct(...dims)] };
}

/** Pools of a multiple of 8 channels take another road on the CPU. */
const blockedPools: Case[] = [
  blockedPool('3 over 2', { kernel_shape: [3, 3], strides: [2, 2] }, 2, 8, 7, 6),
  blockedPool('3 over 2, padded', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, 1, 8, 6, 5),
  blockedPool('3 over 2, ceil mode', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, 1, 16, 6, 5),
  blockedPool('2 over 2, rows left over', { kernel_shape: [2, 2], strides: [2, 2] }, 1, 16, 5, 4),
  blockedPool('3, padded', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, 1, 8, 4, 5),
  blockedPool(
    '5 over 2 and 2 over 3',
    { kernel_shape: [5, 2], strides: [2, 3], pads: [2, 0, 1, 0] },
    1,
    8,
    7,
    6,
  ),
];

const broadcasts: Case[] = [
  { op: 'Mul', note: 'a channel gate', inputs: [image(), floats(2, 4, 1, 1)] },
  { op: 'Mul', note: 'both ways', inputs: [floats(3, 1, 5), floats(2, 1, 4, 1)], batch: [] },
  { op: 'Add', note: 'a longer second', inputs: [floats(4, 1), floats(2, 3, 4, 5)], batch: [] },
  { op: 'Sub', note: 'a scalar first', inputs: [floats(), floats(2, 3)], batch: [] },
  { op: 'Div', note: 'a row under a column', inputs: [floats(3, 1), positives(1, 4)], batch: [] },
  { op: 'Pow', note: 'an exponent for each row', inputs: [positives(3, 4), floats(3, 1)], batch: [] },
  { op: 'Max', note: 'three that broadcast', inputs: [floats(2, 3), floats(3), floats(2, 1)], batch: [] },
  { op: 'PRelu', note: 'a slope for each channel', inputs: [image(), floats(4, 1, 1)] },
  { op: 'Clip', note: 'bounds that are inputs', inputs: [floats(3, 5), given([], -0.7), given([], 0.9)] },
  { op: 'MatMul', note: 'a batch by a matrix', inputs: [floats(5, 2, 3, 4), floats(4, 6)] },
  { op: 'MatMul', note: 'a matrix by a batch', inputs: [floats(3, 4), floats(5, 4, 2)], batch: [1] },
  { op: 'MatMul', note: 'batches that broadcast', inputs: [floats(5, 1, 3, 4), floats(2, 4, 2)] },
];

const movements: Case[] = [
  {
    op: 'Gather',
    note: 'one index of a batch',
    attributes: { axis: 1 },
    inputs: [floats(2, 5, 3), { dtype: 'int64', dims: [], data: BigInt64Array.of(0n) }],
  },
  {
    op: 'Gather',
    note: 'repeats on a later axis',
    attributes: { axis: 1 },
    inputs: [floats(2, 3, 4), ints(2, 0, 2, 2, 1)],
  },
  { op: 'Gather', note: 'many repeats', inputs: [floats(3, 4), ints(1, 1, 1, 1, 1, 1, 2)], batch: [] },
  {
    op: 'Slice',
    note: 'every second of two axes, as patch merging takes',
    inputs: [floats(2, 6, 6, 3), ints(0, 1), ints(1000, 1000), ints(1, 2), ints(2, 2)],
  },
  { op: 'Tile', note: 'one axis kept', inputs: [floats(2, 3, 4), ints(1, 3, 2)] },
];

/** Cases for gradients alone. */
export const steepCases: Case[] = [...convolutions, ...pools, ...blockedPools, ...broadcasts, ...movements];
