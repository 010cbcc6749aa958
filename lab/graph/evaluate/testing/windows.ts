import type { Tensor } from '../../ir.ts';
import { numbersOf, tensorOf } from '../../tensors.ts';
import { bytes, type Case, floats, given, positives, signedBytes } from './case.ts';

/** Convolutions, pools, normalisations and quantisation. */

const image = () => floats(2, 4, 7, 6);

const convolutions: Case[] = [
  { op: 'Conv', inputs: [image(), floats(3, 4, 3, 3), floats(3)] },
  {
    op: 'Conv',
    note: 'stride 3, pads on one side',
    attributes: { strides: [3, 2], pads: [0, 2, 1, 0] },
    inputs: [image(), floats(3, 4, 3, 2)],
  },
  {
    op: 'Conv',
    note: 'dilated, in groups',
    attributes: { group: 2, dilations: [2, 1], pads: [2, 1, 2, 1] },
    inputs: [image(), floats(6, 2, 3, 3)],
  },
  {
    op: 'Conv',
    note: 'depthwise',
    attributes: { group: 4, pads: [1, 1, 1, 1] },
    inputs: [image(), floats(4, 1, 3, 3), floats(4)],
  },
  {
    op: 'Conv',
    note: 'SAME_UPPER',
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
    inputs: [image(), floats(3, 4, 4, 3)],
  },
  {
    op: 'Conv',
    note: 'SAME_LOWER',
    attributes: { auto_pad: 'SAME_LOWER', strides: [2, 2] },
    inputs: [image(), floats(3, 4, 4, 3)],
  },
  { op: 'Conv', note: 'VALID', attributes: { auto_pad: 'VALID' }, inputs: [image(), floats(3, 4, 2, 2)] },
  {
    op: 'Conv',
    note: 'one axis',
    attributes: { pads: [1, 0], strides: [2] },
    inputs: [floats(2, 3, 8), floats(2, 3, 3)],
  },
  {
    op: 'Conv',
    note: 'three axes',
    attributes: { strides: [1, 2, 1] },
    inputs: [floats(2, 2, 3, 5, 4), floats(3, 2, 2, 3, 2)],
  },
  { op: 'ConvTranspose', inputs: [image(), floats(4, 3, 3, 3), floats(3)] },
  {
    op: 'ConvTranspose',
    note: 'stride, pads, output padding',
    attributes: { strides: [2, 3], pads: [1, 0, 0, 2], output_padding: [1, 2] },
    inputs: [image(), floats(4, 3, 3, 3)],
  },
  {
    op: 'ConvTranspose',
    note: 'in groups, dilated',
    attributes: { group: 2, dilations: [2, 1] },
    inputs: [image(), floats(4, 3, 2, 3)],
  },
  {
    op: 'ConvTranspose',
    note: 'output_shape',
    attributes: { strides: [2, 2], output_shape: [14, 11] },
    inputs: [image(), floats(4, 1, 3, 3)],
  },
  {
    op: 'ConvTranspose',
    note: 'SAME_UPPER',
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
    inputs: [image(), floats(4, 1, 3, 3)],
  },
];

const pools: Case[] = [
  {
    op: 'MaxPool',
    note: 'overlapping, padded',
    outputs: 2,
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    inputs: [image()],
  },
  {
    op: 'MaxPool',
    note: 'ceil mode',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
    inputs: [floats(1, 2, 6, 8)],
  },
  {
    op: 'MaxPool',
    note: 'dilated',
    attributes: { kernel_shape: [2, 3], dilations: [3, 2] },
    inputs: [image()],
  },
  {
    op: 'MaxPool',
    note: 'a last window in the padding does not count',
    attributes: { kernel_shape: [2, 2], strides: [3, 3], pads: [0, 0, 1, 1], ceil_mode: 1 },
    inputs: [floats(1, 1, 6, 6)],
  },
  {
    op: 'MaxPool',
    note: 'indices by column',
    outputs: 2,
    attributes: { kernel_shape: [2, 2], strides: [2, 2], storage_order: 1 },
    inputs: [floats(2, 2, 4, 6)],
  },
  {
    op: 'AveragePool',
    attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] },
    inputs: [image()],
  },
  {
    op: 'AveragePool',
    note: 'padding counts',
    attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1], count_include_pad: 1 },
    inputs: [image()],
  },
  {
    op: 'AveragePool',
    note: 'ceil mode',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
    inputs: [floats(1, 2, 6, 8)],
  },
  {
    op: 'AveragePool',
    note: 'ceil mode, padding counts',
    attributes: {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
      count_include_pad: 1,
    },
    inputs: [floats(1, 2, 6, 8)],
  },
  {
    op: 'AveragePool',
    note: 'dilated',
    attributes: { kernel_shape: [2, 2], dilations: [2, 3] },
    inputs: [image()],
  },
  {
    op: 'AveragePool',
    note: 'SAME_LOWER',
    attributes: { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER' },
    inputs: [image()],
  },
  { op: 'LpPool', attributes: { kernel_shape: [2, 3], p: 3 }, inputs: [image()] },
  { op: 'GlobalAveragePool', inputs: [image()] },
  { op: 'GlobalMaxPool', inputs: [image()] },
  { op: 'GlobalLpPool', inputs: [image()] },
];

const normalisations: Case[] = [
  {
    op: 'BatchNormalization',
    attributes: { epsilon: 0.01 },
    inputs: [image(), floats(4), floats(4), floats(4), positives(4)],
  },
  {
    op: 'BatchNormalization',
    note: 'in training',
    outputs: 3,
    attributes: { training_mode: 1, momentum: 0.8 },
    inputs: [image(), floats(4), floats(4), floats(4), positives(4)],
    tolerance: 1e-4,
  },
  { op: 'LayerNormalization', inputs: [floats(2, 3, 5), floats(5), floats(5)] },
  {
    op: 'LayerNormalization',
    note: 'two axes, statistics',
    outputs: 3,
    attributes: { axis: 1, epsilon: 0.01 },
    inputs: [floats(2, 3, 5), floats(3, 5)],
  },
  { op: 'InstanceNormalization', inputs: [image(), floats(4), floats(4)] },
  { op: 'GroupNormalization', attributes: { num_groups: 2 }, inputs: [image(), floats(4), floats(4)] },
  { op: 'LRN', attributes: { size: 3, alpha: 0.5, beta: 0.6, bias: 1.5 }, inputs: [image()] },
  { op: 'LpNormalization', inputs: [image()] },
  { op: 'LpNormalization', attributes: { axis: 1, p: 1 }, inputs: [image()] },
  { op: 'MeanVarianceNormalization', inputs: [image()] },
  { op: 'MeanVarianceNormalization', note: 'over space', attributes: { axes: [2, 3] }, inputs: [image()] },
];

/** Whole values: `smallest` and up to `count` - 1 above. */
function wholes(dtype: 'uint8' | 'int8', smallest: number, count: number, dims: readonly number[]): Tensor {
  const steps = Float64Array.from(numbersOf(floats(...dims)), (v) => Math.floor((count / 4) * (v + 2)));
  return tensorOf(
    dtype,
    dims,
    steps.map((step) => smallest + step),
  );
}

const levels = (...dims: number[]) => wholes('uint8', 0, 256, dims);

/** Half of the range: two products beyond that overflow the 16 bits that older processors sum them in. */
const signed = (...dims: number[]) => wholes('int8', -64, 128, dims);

const quantisation: Case[] = [
  { op: 'QuantizeLinear', inputs: [floats(2, 3, 4), given([], 0.01), bytes([], 100)] },
  {
    op: 'QuantizeLinear',
    note: 'ties to even, no zero point',
    inputs: [given([1, 5], 0.5, 1.5, 2.5, -1, 300), given([], 1)],
  },
  {
    op: 'QuantizeLinear',
    note: 'per channel',
    attributes: { axis: 1 },
    inputs: [floats(2, 3, 4), given([3], 0.01, 0.02, 0.05), signedBytes([3], 0, 5, -9)],
  },
  { op: 'DequantizeLinear', inputs: [bytes([2, 2], 0, 7, 200, 255), given([], 0.02), bytes([], 128)] },
  {
    op: 'DequantizeLinear',
    note: 'per channel from the back',
    attributes: { axis: -2 },
    inputs: [signedBytes([1, 2, 2], -128, 7, 100, 127), given([2], 0.02, 0.5), signedBytes([2], 1, -1)],
  },
  { op: 'MatMulInteger', inputs: [levels(2, 3, 4), signed(4, 5), bytes([], 120)], constants: [1, 2] },
  {
    op: 'ConvInteger',
    attributes: { pads: [1, 0, 0, 1] },
    inputs: [levels(2, 3, 5, 4), levels(4, 3, 3, 2), bytes([], 9), bytes([], 130)],
  },
  {
    op: 'QLinearMatMul',
    inputs: [
      levels(2, 3, 4),
      given([], 0.02),
      bytes([], 120),
      signed(4, 5),
      given([], 0.03),
      signedBytes([], 0),
      given([], 0.7),
      bytes([], 128),
    ],
  },
  {
    op: 'QLinearConv',
    note: 'per channel, biased',
    attributes: { strides: [2, 1] },
    inputs: [
      levels(2, 3, 5, 4),
      given([], 0.02),
      bytes([], 120),
      signed(2, 3, 3, 2),
      given([2], 0.03, 0.01),
      signedBytes([2], 0, 0),
      given([], 0.7),
      bytes([], 128),
      tensorOf('int32', [2], [900, -2000]),
    ],
  },
  { op: 'DynamicQuantizeLinear', outputs: 3, inputs: [floats(2, 9)] },
];

export const windows: readonly Case[] = [...convolutions, ...pools, ...normalisations, ...quantisation];
