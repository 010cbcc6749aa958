import { type GraphBuilder, int, ints } from '../../graph/builder.ts';
import { transposedAxis, windowAttributes } from '../../graph/shapes/windows.ts';
import type { InputGradient, Rule, RuleContext } from '../rule.ts';
import { convWeight } from './conv-weight.ts';
import {
  crop,
  interleave,
  type Phases,
  phaseLength,
  phasePairs,
  phasesOf,
  stackedAfterChannels,
} from './interleave.ts';
import { transposed } from './linear.ts';
import {
  CHANNEL_BLOCK,
  explicitWindow,
  groupOf,
  MOST_UNFOLDED,
  spatialAxes,
  type Window,
  windowOf,
} from './window.ts';

/** Gradients of convolutions, of any spatial rank, grouped and dilated. */

const conv: Rule = (c) => {
  const { b } = c;
  const kernel = b.extents(c.x(1), spatialAxes(c, c.x(1)));
  const w = windowOf(c, kernel);
  return c.entries(
    c.when(0, () => convInput(c, w)),
    c.when(1, () => convWeight(c, c.x(0), c.dy(), w, groupOf(c))),
    c.when(2, () => biasGradient(c)),
  );
};

function biasGradient(c: RuleContext): InputGradient {
  const { b } = c;
  const axes = b.shape(c.y()).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return b.add('ReduceSum', [c.dy(), b.longs(axes)], { keepdims: int(0) });
}

/** Gradient at the images: the fastest formulation that fits. */
function convInput(c: RuleContext, w: Window): string {
  if (columnsPay(c, w)) return convColumns(c, w);
  const unit = w.strides.every((s) => s === 1);
  const within = w.kernel.every((k, i) => Math.max(w.begin[i]!, w.end[i]!) <= w.dilations[i]! * (k - 1));
  if (unit && within) return convStride1(c, w);
  if (c.traits.target === 'cpu' && w.kernel.length === 2 && w.kernel.every((k) => k === 1))
    return convPoints(c, w);
  const phases = w.dilations.every((d) => d === 1) ? phasesOf(w) : undefined;
  const plain = phases && w.kernel.every((k, i) => k >= phases.stride && w.begin[i] < k && w.end[i] < k);
  if (phases && plain) return convPhases(c, w, phases);
  return convTransposed(c, w);
}

/** Adding a column's element to the image takes as long as so many multiplications. */
const COLUMN_COST = 24;
/** Convolutions over blocks of channels multiply so many times as fast as products do. */
const BLOCKED_PACE = 2;

/**
 * Whether products and Col2Im are faster than convolutions. They never are where the kernel is constant, laid out
 * in blocks beforehand. A kernel that is trained comes anew with every run: then they are for strides, and where the
 * input is much larger than the output, since a convolution back multiplies for each place of the input. Over blocks
 * it does so twice as fast (MNIST network A's step: 338 ms on one thread by products, 316 so).
 */
function columnsPay(c: RuleContext, w: Window): boolean {
  if (c.traits.target !== 'cpu' || !c.needs(1) || w.kernel.length !== 2) return false;
  const area = (size: readonly number[]) => size[0]! * size[1]!;
  const unfolded = c.b.extents(c.x(0), [1])[0]! * area(w.kernel) * area(w.output);
  if (unfolded > MOST_UNFOLDED) return false;
  if (w.strides.some((stride) => stride > 1)) return true;
  const outputs = c.b.extents(c.y(), [1])[0]! / groupOf(c);
  const pace = c.traits.channelBlock === undefined ? 1 : BLOCKED_PACE;
  return area(w.output) * (outputs + COLUMN_COST) * pace < area(w.input) * outputs;
}

/** What each window gives back to the places that it saw, summed where windows overlap. */
function convColumns(c: RuleContext, w: Window): string {
  const { b } = c;
  const group = groupOf(c);
  const [outputs, channels] = b.extents(c.x(1), [0, 1]);
  const seen = channels! * w.kernel[0]! * w.kernel[1]!;
  const places = w.output[0]! * w.output[1]!;
  const groups = group === 1 ? [] : [group];
  const rows = b.add('Reshape', [c.x(1), b.longs([...groups, outputs! / group, seen])]);
  const dy = b.add('Reshape', [c.dy(), b.longs([-1, ...groups, outputs! / group, places])]);
  const product = b.add('MatMul', [transposed(b, rows), dy]);
  const columns = b.add('Reshape', [product, b.longs([-1, group * seen, places])]);
  return b.add('Col2Im', [columns, b.longs(w.input), b.longs(w.kernel)], {
    strides: ints(w.strides),
    dilations: ints(w.dilations),
    pads: ints([...w.begin, ...w.end]),
  });
}

/** Stride 1: a convolution again, with the kernel turned round and its channel axes exchanged. */
function convStride1(c: RuleContext, w: Window): string {
  const { b } = c;
  const reach = w.kernel.map((k, i) => w.dilations[i] * (k - 1));
  const begin = reach.map((r, i) => r - w.begin[i]);
  const end = reach.map((r, i) => w.input[i] - w.output[i] + r - begin[i]);
  const kernel = exchanged(b, turned(b, c.x(1)), groupOf(c));
  return b.add('Conv', [c.dy(), kernel], {
    ...explicitWindow({ kernel: w.kernel, dilations: w.dilations, begin, end }),
    group: int(groupOf(c)),
  });
}

/** Strided 1×1: the products where the kernel looked, put in their places; the rest is zero. */
function convPoints(c: RuleContext, w: Window): string {
  const { b } = c;
  const products = b.add('Conv', [c.dy(), exchanged(b, c.x(1), groupOf(c))], {
    ...explicitWindow({ kernel: w.kernel, begin: [0, 0], end: [0, 0] }),
    group: int(groupOf(c)),
  });
  const [channels] = b.extents(c.x(), [1]);
  const columns = b.add('Reshape', [products, b.longs([-1, channels!, w.output[0]! * w.output[1]!])]);
  return b.add('Col2Im', [columns, b.longs(w.input), b.longs(w.kernel)], {
    strides: ints(w.strides),
    pads: ints([...w.begin, ...w.end]),
  });
}

/** Any stride: the transposed convolution. */
function convTransposed(c: RuleContext, w: Window): string {
  const { b } = c;
  const covered = w.output.map(
    (size, i) => w.strides[i] * (size - 1) + w.dilations[i] * (w.kernel[i] - 1) + 1 - w.begin[i] - w.end[i],
  );
  return b.add('ConvTranspose', [c.dy(), c.x(1)], {
    ...explicitWindow(w),
    output_padding: ints(w.input.map((size, i) => size - covered[i])),
    group: int(groupOf(c)),
  });
}

/** Strided: stride-1 convolutions with the parts of the kernel that meet each phase, interleaved. */
function convPhases(c: RuleContext, w: Window, phases: Phases): string {
  const { b } = c;
  const group = groupOf(c);
  const channels = b.extents(c.x(0), [1])[0];
  const pairs = phasePairs(phases.stride);
  const blocks = (n: number) => Math.ceil(n / CHANNEL_BLOCK);
  const longest = w.kernel.map((k) => phaseLength(k, 0, phases.stride));
  const lengths = pairs.map(([r, s]) => [
    phaseLength(w.kernel[0], r, phases.stride),
    phaseLength(w.kernel[1], s, phases.stride),
  ]);
  // All phases at once cost some multiplications by zero, one at a time cost blocks filled in part.
  const together = blocks(channels * pairs.length) * longest[0] * longest[1];
  const apart = lengths.reduce((sum, [p, q]) => sum + blocks(channels) * p * q, 0);
  if (group === 1 && together <= apart) {
    const kernels = pairs.map((pair) => exchanged(b, phaseKernel(c, w, pair, longest), 1));
    const all = stackedSecond(b, kernels);
    return interleave(c, phaseConv(c, all, longest, w, phases, 1), w, phases);
  }
  const parts = pairs.map((pair, i) => {
    const kernel = exchanged(b, phaseKernel(c, w, pair, lengths[i]), group);
    return phaseConv(c, kernel, lengths[i], w, phases, group);
  });
  return interleave(c, stackedAfterChannels(b, parts), w, phases);
}

/** Kernels C×O×… → (C·count)×O×…, those of one channel side by side. */
function stackedSecond(b: GraphBuilder, kernels: readonly string[]): string {
  const [channels, ...rest] = b.shape(kernels[0]) as number[];
  const apart = kernels.map((kernel) => b.add('Unsqueeze', [kernel, b.longs([1])]));
  const stacked = b.add('Concat', apart, { axis: int(1) });
  return b.add('Reshape', [stacked, b.longs([channels * kernels.length, ...rest])]);
}

/** Elements r, r + stride, … of the kernel, turned round; zeros in front when `length` asks for more. */
function phaseKernel(c: RuleContext, w: Window, phase: readonly number[], length: readonly number[]): string {
  const { b } = c;
  const [stride] = w.strides;
  // Cut first, then turned: WebGPU's Slice errs where a negative step doesn't begin at the end.
  const part = b.add('Slice', [
    c.x(1),
    b.longs(phase),
    b.longs(w.kernel),
    b.longs([2, 3]),
    b.longs([stride, stride]),
  ]);
  const missing = phase.map((r, i) => length[i] - phaseLength(w.kernel[i], r, stride));
  if (missing.every((m) => m === 0)) return turned(b, part);
  return b.add('Pad', [turned(b, part), b.longs([0, 0, ...missing, 0, 0, 0, 0])]);
}

function phaseConv(
  c: RuleContext,
  kernel: string,
  length: readonly number[],
  w: Window,
  phases: Phases,
  group: number,
): string {
  const begin = length.map((n, i) => n - 1 - phases.first[i]);
  const end = w.output.map((size, i) => phases.first[i] + phases.count[i] - size);
  const negative = [...begin, ...end].some((p) => p < 0);
  const source = negative ? shifted(c, begin, end) : c.dy();
  const pads = (p: readonly number[]) => p.map((n) => Math.max(0, n));
  return c.b.add('Conv', [source, kernel], {
    ...explicitWindow({ kernel: length, begin: pads(begin), end: pads(end) }),
    group: int(group),
  });
}

/** dy without the rows and columns that a negative padding takes away. */
function shifted(c: RuleContext, begin: readonly number[], end: readonly number[]): string {
  const sizes = c.b.extents(c.y(), [2, 3]);
  const starts = begin.map((p) => Math.max(0, -p));
  return crop(
    c.b,
    c.dy(),
    starts,
    sizes.map((size, i) => size - starts[i] - Math.max(0, -end[i])),
  );
}

/** A kernel turned round along its spatial axes. ONNX Runtime does it once, when the weights are constant. */
function turned(b: GraphBuilder, kernel: string): string {
  const sizes = b.shape(kernel).slice(2);
  const axes = sizes.flatMap((size, i) => (size === 1 ? [] : [i + 2]));
  if (axes.length === 0) return kernel;
  return b.add('Slice', [
    kernel,
    b.longs(axes.map(() => -1)),
    b.longs(axes.map(() => -(2 ** 31))),
    b.longs(axes),
    b.longs(axes.map(() => -1)),
  ]);
}

/** Kernel O×(C/G)×… → C×(O/G)×…: input and output channels exchanged within each group. */
function exchanged(b: GraphBuilder, kernel: string, group: number): string {
  const [o, cg, ...spatial] = b.shape(kernel) as number[];
  if (cg === 1 && group === o) return kernel;
  const axes = spatial.map((_, i) => i);
  if (group === 1) return b.add('Transpose', [kernel], { perm: ints([1, 0, ...axes.map((i) => i + 2)]) });
  const split = b.add('Reshape', [kernel, b.longs([group, o / group, cg, ...spatial])]);
  const swapped = b.add('Transpose', [split], { perm: ints([0, 2, 1, ...axes.map((i) => i + 3)]) });
  return b.add('Reshape', [swapped, b.longs([group * cg, o / group, ...spatial])]);
}

/** Kernel C×(O/G)×…; the gradient at the images is a plain convolution with the same kernel. */
const convTranspose: Rule = (c) => {
  const { b, node } = c;
  const kernel = b.extents(c.x(1), spatialAxes(c, c.x(1)));
  const w = transposedWindow(c, kernel);
  const attributes = { ...explicitWindow(w), group: int(groupOf(c)) };
  return c.entries(
    c.when(0, () => {
      const full = b.add('Conv', [c.dy(), c.x(1)], attributes);
      return crop(
        b,
        full,
        kernel.map(() => 0),
        w.output,
      );
    }),
    // Its forward is the gradient of a convolution: images and gradient change places.
    c.when(1, () => convWeight(c, c.dy(), node.inputs[0], w, groupOf(c))),
    c.when(2, () => biasGradient(c)),
  );
};

/** The window of the convolution that a ConvTranspose undoes: its input is our output. */
function transposedWindow(c: RuleContext, kernel: readonly number[]): Window {
  const { b, node } = c;
  const attributes = windowAttributes(node, kernel.length);
  const small = b.extents(c.x(0), spatialAxes(c, c.x(0)));
  const along = kernel.map((k, axis) => transposedAxis(node, attributes, axis, small[axis], k));
  const begin = along.map((a) => a.padBegin);
  const end = along.map((a) => {
    const reach = a.stride * (a.input - 1) + a.dilation * (a.kernel - 1) + 1;
    return Math.max(0, reach - a.output - a.padBegin);
  });
  const { strides, dilations } = attributes;
  return { kernel, strides, dilations, begin, end, input: along.map((a) => a.output), output: small };
}

export const convRules: Readonly<Record<string, Rule>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
