import { intAttr } from '../attributes.ts';
import type { Node, Tensor } from '../ir.ts';
import {
  type TransposedAxis,
  transposedAxis,
  type WindowAxis,
  windowAttributes,
  windowAxis,
} from '../shapes/windows.ts';
import { elementCount, type NumberArray, numbersOf } from '../tensors.ts';
import { type Call, input, type Kernel, type Kernels, numbers, optionalNumbers, result } from './call.ts';

/** Convolutions of one to three spatial axes; fewer than three are led by axes of extent 1. */

const UNIT: WindowAxis = { input: 1, kernel: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0, output: 1 };

/** The windows along three spatial axes. */
export type Windows = readonly [WindowAxis, WindowAxis, WindowAxis];

/** Three axes from one to three. */
export function threeAxes<T>(axes: readonly T[], unit: T): [T, T, T] {
  return [...new Array<T>(3 - axes.length).fill(unit), ...axes] as [T, T, T];
}

/** The windows of a node over a value of shape `dims` (batch and channels first). */
export function nodeWindows(node: Node, dims: readonly number[], kernel: readonly number[]): Windows {
  const attributes = windowAttributes(node, dims.length - 2);
  const axes = dims.slice(2).map((extent, axis) => windowAxis(node, attributes, axis, extent, kernel[axis]!));
  return threeAxes(axes, UNIT);
}

interface Product {
  readonly x: NumberArray;
  readonly w: NumberArray;
  readonly batch: number;
  readonly groups: number;
  readonly channelsIn: number;
  readonly channelsOut: number;
}

/** Adds weight times a shifted plane: the positions that one element of the kernel links. */
function addPlane(
  y: Float64Array,
  yStart: number,
  x: ArrayLike<number>,
  xStart: number,
  weight: number,
  [d, h, w]: Windows,
  kd: number,
  kh: number,
  kw: number,
): void {
  for (let od = 0; od < d.output; od++) {
    const id = od * d.stride - d.padBegin + kd * d.dilation;
    if (id < 0 || id >= d.input) continue;
    for (let oh = 0; oh < h.output; oh++) {
      const ih = oh * h.stride - h.padBegin + kh * h.dilation;
      if (ih < 0 || ih >= h.input) continue;
      const xRow = xStart + (id * h.input + ih) * w.input;
      const yRow = yStart + (od * h.output + oh) * w.output;
      for (let ow = 0; ow < w.output; ow++) {
        const iw = ow * w.stride - w.padBegin + kw * w.dilation;
        if (iw >= 0 && iw < w.input) y[yRow + ow]! += weight * x[xRow + iw]!;
      }
    }
  }
}

function spatial(windows: Windows, side: 'input' | 'output' | 'kernel'): number {
  return windows[0][side] * windows[1][side] * windows[2][side];
}

/** Calls `visit` with each kernel position and its place in the kernel. */
function eachKernel(windows: Windows, visit: (kd: number, kh: number, kw: number, at: number) => void): void {
  const [d, h, w] = windows;
  for (let kd = 0; kd < d.kernel; kd++) {
    for (let kh = 0; kh < h.kernel; kh++) {
      for (let kw = 0; kw < w.kernel; kw++) visit(kd, kh, kw, (kd * h.kernel + kh) * w.kernel + kw);
    }
  }
}

/** The sums of a convolution, no bias. */
export function convolve(product: Product, windows: Windows): Float64Array {
  const { x, w, batch, groups, channelsIn, channelsOut } = product;
  const [inSize, outSize, kernelSize] = (['input', 'output', 'kernel'] as const).map((s) =>
    spatial(windows, s),
  );
  const inPerGroup = channelsIn / groups;
  const outPerGroup = channelsOut / groups;
  const y = new Float64Array(batch * channelsOut * outSize!);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < channelsOut; o++) {
      const firstIn = Math.floor(o / outPerGroup) * inPerGroup;
      for (let i = 0; i < inPerGroup; i++) {
        const xStart = (n * channelsIn + firstIn + i) * inSize!;
        const wStart = (o * inPerGroup + i) * kernelSize!;
        eachKernel(windows, (kd, kh, kw, at) => {
          addPlane(y, (n * channelsOut + o) * outSize!, x, xStart, w[wStart + at]!, windows, kd, kh, kw);
        });
      }
    }
  }
  return y;
}

/** Adds a value to each channel of `y` (batch, channels, positions). */
export function addBias(y: Float64Array, bias: NumberArray | undefined, positions: number): Float64Array {
  if (!bias) return y;
  return y.map((v, i) => v + bias[Math.floor(i / positions) % bias.length]!);
}

/** The convolution of two tensors as `node` says, with the bias added. */
export function convolveTensors(node: Node, x: Tensor, w: Tensor, bias?: Tensor): Float64Array {
  const windows = nodeWindows(node, x.dims, w.dims.slice(2));
  const sums = convolve(
    {
      x: numbersOf(x),
      w: numbersOf(w),
      batch: x.dims[0]!,
      groups: intAttr(node, 'group', 1),
      channelsIn: x.dims[1]!,
      channelsOut: w.dims[0]!,
    },
    windows,
  );
  return addBias(sums, bias && numbersOf(bias), spatial(windows, 'output'));
}

const conv: Kernel = (call) => [
  result(call, convolveTensors(call.node, input(call, 0), input(call, 1), call.inputs[2])),
];

/** The convolution of which a transposed axis is the adjoint: input and output change places. */
function adjointAxis({
  input: from,
  output,
  kernel,
  stride,
  dilation,
  padBegin,
}: TransposedAxis): WindowAxis {
  return { input: output, kernel, stride, dilation, padBegin, padEnd: 0, output: from };
}

/** Adds weight times an element to each position its windows came from: the adjoint of `addPlane`. */
function spreadPlane(
  y: Float64Array,
  yStart: number,
  x: ArrayLike<number>,
  xStart: number,
  weight: number,
  [d, h, w]: Windows,
  kd: number,
  kh: number,
  kw: number,
): void {
  for (let od = 0; od < d.output; od++) {
    const id = od * d.stride - d.padBegin + kd * d.dilation;
    if (id < 0 || id >= d.input) continue;
    for (let oh = 0; oh < h.output; oh++) {
      const ih = oh * h.stride - h.padBegin + kh * h.dilation;
      if (ih < 0 || ih >= h.input) continue;
      const yRow = yStart + (id * h.input + ih) * w.input;
      const xRow = xStart + (od * h.output + oh) * w.output;
      for (let ow = 0; ow < w.output; ow++) {
        const iw = ow * w.stride - w.padBegin + kw * w.dilation;
        if (iw >= 0 && iw < w.input) y[yRow + iw]! += weight * x[xRow + ow]!;
      }
    }
  }
}

function transposedWindows(call: Call): Windows {
  const { node } = call;
  const { dims } = input(call, 0);
  const kernel = input(call, 1).dims.slice(2);
  const attributes = windowAttributes(node, kernel.length);
  const axes = dims.slice(2).map((extent, axis) => {
    return adjointAxis(transposedAxis(node, attributes, axis, extent, kernel[axis]!));
  });
  return threeAxes(axes, UNIT);
}

const convTranspose: Kernel = (call) => {
  const x = input(call, 0);
  const w = input(call, 1);
  const windows = transposedWindows(call);
  const groups = intAttr(call.node, 'group', 1);
  const outPerGroup = w.dims[1]!;
  const channelsIn = x.dims[1]!;
  const channelsOut = outPerGroup * groups;
  const [inSize, outSize] = [spatial(windows, 'output'), spatial(windows, 'input')];
  const kernelSize = spatial(windows, 'kernel');
  const xs = numbers(call, 0);
  const ws = numbers(call, 1);
  const y = new Float64Array(elementCount(call.outputs[0]!.dims));
  for (let n = 0; n < x.dims[0]!; n++) {
    for (let i = 0; i < channelsIn; i++) {
      const firstOut = Math.floor(i / (channelsIn / groups)) * outPerGroup;
      for (let o = 0; o < outPerGroup; o++) {
        const yStart = (n * channelsOut + firstOut + o) * outSize;
        const wStart = (i * outPerGroup + o) * kernelSize;
        eachKernel(windows, (kd, kh, kw, at) => {
          spreadPlane(y, yStart, xs, (n * channelsIn + i) * inSize, ws[wStart + at]!, windows, kd, kh, kw);
        });
      }
    }
  }
  return [result(call, addBias(y, optionalNumbers(call, 2), outSize))];
};

export const convKernels: Kernels = { Conv: conv, ConvTranspose: convTranspose };
