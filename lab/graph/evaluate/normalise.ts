import { flagAttr, floatAttr, intAttr, intsAttr } from '../attributes.ts';
import { elementCount } from '../tensors.ts';
import {
  alongAxis,
  broadcastIndex,
  frontAxis,
  input,
  type Kernel,
  type Kernels,
  numbers,
  optionalNumbers,
  result,
} from './call.ts';

/** Normalisations and softmax. */

/** Mean and population variance of the elements of each group; `groupOf` names an element's group. */
function moments(
  x: ArrayLike<number>,
  groupOf: Int32Array,
  groups: number,
): { mean: Float64Array; variance: Float64Array } {
  const mean = new Float64Array(groups);
  const variance = new Float64Array(groups);
  const share = groups / x.length;
  for (let i = 0; i < x.length; i++) mean[groupOf[i]!]! += x[i]! * share;
  for (let i = 0; i < x.length; i++) variance[groupOf[i]!]! += (x[i]! - mean[groupOf[i]!]!) ** 2 * share;
  return { mean, variance };
}

/** The channel (axis 1) of each element. */
function channelIndex(dims: readonly number[]): Int32Array {
  return broadcastIndex([dims[1]!, ...dims.slice(2).map(() => 1)], dims);
}

const batchNormalization: Kernel = (call) => {
  const { node, outputs } = call;
  const { dims } = input(call, 0);
  const [x, scale, bias] = [0, 1, 2].map((i) => numbers(call, i)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let mean: ArrayLike<number> = numbers(call, 3);
  let variance: ArrayLike<number> = numbers(call, 4);
  const channel = channelIndex(dims);
  const running: Float64Array[] = [];
  if (flagAttr(node, 'training_mode', false)) {
    const batch = moments(x, channel, dims[1]!);
    const momentum = floatAttr(node, 'momentum', 0.9);
    const mix = (old: ArrayLike<number>, now: Float64Array) =>
      now.map((v, i) => old[i]! * momentum + v * (1 - momentum));
    running.push(mix(mean, batch.mean), mix(variance, batch.variance));
    ({ mean, variance } = batch);
  }
  const epsilon = floatAttr(node, 'epsilon', 1e-5);
  const factor = Float64Array.from(variance, (v, c) => scale[c]! / Math.sqrt(v + epsilon));
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const c = channel[i]!;
    y[i] = (x[i]! - mean[c]!) * factor[c]! + bias[c]!;
  }
  return [result(call, y), ...running.slice(0, outputs.length - 1).map((r, i) => result(call, r, i + 1))];
};

/** Normalises each of `groups` equal runs of elements, then scales and shifts each channel. */
function normaliseRuns(
  groups: (dims: readonly number[], node: Parameters<typeof intAttr>[0]) => number,
): Kernel {
  return (call) => {
    const { dims } = input(call, 0);
    const x = numbers(call, 0);
    const count = groups(dims, call.node);
    const run = x.length / count;
    const groupOf = Int32Array.from(x, (_, i) => Math.floor(i / run));
    const { mean, variance } = moments(x, groupOf, count);
    const epsilon = floatAttr(call.node, 'epsilon', 1e-5);
    const scale = numbers(call, 1);
    const bias = numbers(call, 2);
    const channel = channelIndex(dims);
    const y = Float64Array.from(x, (v, i) => {
      const g = groupOf[i]!;
      return ((v - mean[g]!) / Math.sqrt(variance[g]! + epsilon)) * scale[channel[i]!]! + bias[channel[i]!]!;
    });
    return [result(call, y)];
  };
}

const layerNormalization: Kernel = (call) => {
  const { node, outputs } = call;
  const { dims } = input(call, 0);
  const x = numbers(call, 0);
  const axis = frontAxis(intAttr(node, 'axis', -1), dims.length);
  const run = elementCount(dims.slice(axis));
  const groupOf = Int32Array.from(x, (_, i) => Math.floor(i / run));
  const { mean, variance } = moments(x, groupOf, x.length / run);
  const epsilon = floatAttr(node, 'epsilon', 1e-5);
  const inverse = variance.map((v) => 1 / Math.sqrt(v + epsilon));
  const scale = numbers(call, 1);
  const scaleAt = broadcastIndex(input(call, 1).dims, dims);
  const bias = optionalNumbers(call, 2);
  const biasAt = bias && broadcastIndex(input(call, 2).dims, dims);
  const y = Float64Array.from(x, (v, i) => {
    const g = groupOf[i]!;
    return (v - mean[g]!) * inverse[g]! * scale[scaleAt[i]!]! + (bias ? bias[biasAt![i]!]! : 0);
  });
  return [y, mean, inverse].slice(0, outputs.length).map((values, i) => result(call, values, i));
};

const lrn: Kernel = (call) => {
  const { node } = call;
  const { dims } = input(call, 0);
  const x = numbers(call, 0);
  const size = intAttr(node, 'size');
  const alpha = floatAttr(node, 'alpha', 1e-4);
  const beta = floatAttr(node, 'beta', 0.75);
  const bias = floatAttr(node, 'bias', 1);
  const { length: channels, inner } = alongAxis(dims, 1);
  const before = Math.floor((size - 1) / 2);
  const after = Math.ceil((size - 1) / 2);
  const y = Float64Array.from(x, (v, i) => {
    const channel = Math.floor(i / inner) % channels;
    let sum = 0;
    for (let c = Math.max(0, channel - before); c <= Math.min(channels - 1, channel + after); c++) {
      sum += x[i + (c - channel) * inner]! ** 2;
    }
    return v / (bias + (alpha / size) * sum) ** beta;
  });
  return [result(call, y)];
};

const meanVariance: Kernel = (call) => {
  const { dims } = input(call, 0);
  const x = numbers(call, 0);
  const axes = intsAttr(call.node, 'axes', [0, 2, 3]).map((axis) => frontAxis(axis, dims.length));
  const kept = dims.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const groupOf = broadcastIndex(kept, dims);
  const { mean, variance } = moments(x, groupOf, elementCount(kept));
  // The small addend is the definition's own.
  const y = Float64Array.from(
    x,
    (v, i) => (v - mean[groupOf[i]!]!) / (Math.sqrt(variance[groupOf[i]!]!) + 1e-9),
  );
  return [result(call, y)];
};

/** Applies `work` to the lines along the node's axis: positions start, start + step, … (length of them). */
function lines(
  fallback: number,
  work: (
    x: ArrayLike<number>,
    y: Float64Array,
    start: number,
    step: number,
    length: number,
    p: number,
  ) => void,
): Kernel {
  return (call) => {
    const { dims } = input(call, 0);
    const x = numbers(call, 0);
    const axis = frontAxis(intAttr(call.node, 'axis', fallback), dims.length);
    const { outer, length, inner } = alongAxis(dims, axis);
    const p = intAttr(call.node, 'p', 2);
    const y = new Float64Array(x.length);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) work(x, y, o * length * inner + i, inner, length, p);
    }
    return [result(call, y)];
  };
}

/** y = x − max; returns the sum of the exponentials. */
function shift(x: ArrayLike<number>, y: Float64Array, start: number, step: number, length: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) top = Math.max(top, x[start + i * step]!);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    y[start + i * step] = x[start + i * step]! - top;
    sum += Math.exp(y[start + i * step]!);
  }
  return sum;
}

export const normaliseKernels: Kernels = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: normaliseRuns((dims) => dims[0]! * dims[1]!),
  GroupNormalization: normaliseRuns((dims, node) => dims[0]! * intAttr(node, 'num_groups')),
  LayerNormalization: layerNormalization,
  LRN: lrn,
  MeanVarianceNormalization: meanVariance,
  LpNormalization: lines(-1, (x, y, start, step, length, p) => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += Math.abs(x[start + i * step]!) ** p;
    const norm = sum ** (1 / p);
    for (let i = 0; i < length; i++) y[start + i * step] = norm === 0 ? 0 : x[start + i * step]! / norm;
  }),
  Softmax: lines(-1, (x, y, start, step, length) => {
    const sum = shift(x, y, start, step, length);
    for (let i = 0; i < length; i++) y[start + i * step] = Math.exp(y[start + i * step]!) / sum;
  }),
  LogSoftmax: lines(-1, (x, y, start, step, length) => {
    const log = Math.log(shift(x, y, start, step, length));
    for (let i = 0; i < length; i++) y[start + i * step]! -= log;
  }),
  Hardmax: lines(-1, (x, y, start, step, length) => {
    let best = 0;
    for (let i = 1; i < length; i++) if (x[start + i * step]! > x[start + best * step]!) best = i;
    y[start + best * step] = 1;
  }),
};
