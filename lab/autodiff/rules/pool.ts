import { flagAttr, intsAttr } from '../../graph/attributes.ts';
import { int, ints } from '../../graph/builder.ts';
import { type Rule, type RuleContext, scaled, sumOver } from '../rule.ts';
import { blockedMaxPool } from './blocked-max-pool.ts';
import { crop } from './interleave.ts';
import { CHANNEL_BLOCK, explicitWindow, type Window, windowOf } from './window.ts';

/** Gradients of pooling. */

const LOWEST = -3.4028234663852886e38;

/** Padding at the end that makes the windows come out whole: ceil mode lets the last one hang over. */
function wholeEnd(w: Window): number[] {
  return w.kernel.map((k, i) => {
    const reach = w.strides[i] * (w.output[i] - 1) + w.dilations[i] * (k - 1) + 1;
    return reach - w.input[i] - w.begin[i];
  });
}

/** Offsets within the kernel, row by row. */
function offsetsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (all, k) => all.flatMap((head) => Array.from({ length: k }, (_, i) => [...head, i])),
    [[]],
  );
}

/**
 * The gradient goes to the first largest element of each window, in row order. Found offset by offset, with
 * no index tensor: each offset takes the gradient where its element equals the maximum and no earlier one did.
 */
const maxPool: Rule = (c) => {
  const { b, node } = c;
  if (c.reached(1)) throw c.error('its indices are not differentiable');
  const w = windowOf(c, intsAttr(node, 'kernel_shape'));
  const end = wholeEnd(w);
  const source = padLowest(c, w.begin, end);
  if (inBlocks(c, w)) return [blockedMaxPool(c, source, w)];
  const below = belowByComparison(c, source, w);
  const offsets = offsetsOf(w.kernel);
  let rest = c.dy();
  const shares = offsets.map((offset, k) => {
    // Whoever comes last takes what is left: the maximum is one of them.
    if (k === offsets.length - 1) return rest;
    const left = b.add('Mul', [rest, below(offset)]);
    const share = b.add('Sub', [rest, left]);
    rest = left;
    return share;
  });
  return [overlapAdd(c, shares, w, end)];
};

/** Does ONNX Runtime run a pool of this shape in blocks of channels? */
function inBlocks(c: RuleContext, w: Window): boolean {
  const [, channels] = c.b.shape(c.x());
  const plain = w.kernel.length === 2 && w.dilations.every((d) => d === 1);
  return c.traits.target === 'cpu' && plain && Number(channels) % CHANNEL_BLOCK === 0;
}

/** For one offset of the kernel: 1 where the window's element there is below the maximum, 0 where it is it. */
function belowByComparison(c: RuleContext, source: string, w: Window) {
  const { b } = c;
  const axes = w.kernel.map((_, i) => i + 2);
  return (offset: readonly number[]): string => {
    const starts = offset.map((o, i) => o * w.dilations[i]);
    const ends = starts.map((s, i) => s + w.strides[i] * (w.output[i] - 1) + 1);
    const cut = [b.longs(starts), b.longs(ends), b.longs(axes), b.longs(w.strides)];
    const element = b.add('Slice', [source, ...cut]);
    return b.add('Cast', [b.add('Not', [b.add('Equal', [element, c.y()])])], { to: int(1) });
  };
}

/** The input with the smallest float around it, or cut where no window reaches. */
function padLowest(c: RuleContext, begin: readonly number[], end: readonly number[]): string {
  const { b } = c;
  if ([...begin, ...end].every((p) => p <= 0)) return c.x();
  const after = end.map((p) => Math.max(0, p));
  return b.add('Pad', [c.x(), b.longs([0, 0, ...begin, 0, 0, ...after]), b.scalar(LOWEST)]);
}

/** Adds up what each offset of the windows sends back: shares[k] is N×C×output for kernel offset k. */
function overlapAdd(c: RuleContext, shares: readonly string[], w: Window, end: readonly number[]): string {
  const { b } = c;
  const channels = b.extents(c.x(), [1])[0];
  const apart = shares.map((share) => b.add('Unsqueeze', [share, b.longs([2])]));
  const stacked = b.add('Concat', apart, { axis: int(2) });
  const count = w.output.reduce((p, n) => p * n, 1);
  const after = end.map((p) => Math.max(0, p));
  if (c.traits.target === 'cpu' && w.kernel.length === 2) {
    const columns = b.add('Reshape', [stacked, b.longs([-1, channels * shares.length, count])]);
    return b.add('Col2Im', [columns, b.longs(w.input), b.longs(w.kernel)], {
      strides: ints(w.strides),
      dilations: ints(w.dilations),
      pads: ints([...w.begin, ...after]),
    });
  }
  const images = b.add('Reshape', [stacked, b.longs([-1, channels * shares.length, ...w.output])]);
  return oneHotTransposed(c, images, w, end);
}

/** The same through a transposed convolution with one-hot kernels, which every GPU provider has. */
function oneHotTransposed(c: RuleContext, images: string, w: Window, end: readonly number[]): string {
  const size = w.kernel.reduce((p, k) => p * k, 1);
  const kernels = new Float32Array(size * size);
  for (let i = 0; i < size; i += 1) kernels[i * size + i] = 1;
  return spread(c, images, c.b.floats(kernels, [size, 1, ...w.kernel], 'one-hot'), w, end);
}

/**
 * Transposed convolution of every channel by itself, written with the channels in the batch: WebGPU's grouped
 * kernel errs where a group has a multiple of four inputs.
 *
 * @param images N×(C·k)×output
 * @param kernel k×1×kernel
 */
function spread(c: RuleContext, images: string, kernel: string, w: Window, end: readonly number[]): string {
  const { b } = c;
  const [per] = b.extents(kernel, [0]);
  const planes = b.add('Reshape', [images, b.longs([-1, per, ...w.output])]);
  const whole = b.add('ConvTranspose', [planes, kernel], {
    ...explicitWindow({ ...w, end: end.map((p) => Math.max(0, p)) }),
    output_padding: ints(end.map((p) => Math.max(0, -p))),
  });
  return b.reshape(whole, b.shape(c.x()), c.x());
}

const averagePool: Rule = (c) => {
  const { b, node } = c;
  const w = windowOf(c, intsAttr(node, 'kernel_shape'));
  const share = b.add('Mul', [c.dy(), inverseCounts(c, w, flagAttr(node, 'count_include_pad', false))]);
  const apart = w.strides.every((s, i) => s === w.kernel[i] && w.dilations[i] === 1);
  if (apart && w.begin.every((p) => p === 0) && w.kernel.length === 2) return [repeated(c, share, w)];
  const reach = w.kernel.map((k, i) => w.dilations[i] * (k - 1));
  if (w.strides.every((s) => s === 1) && reach.every((r, i) => w.begin[i] <= r)) {
    return [summedWindows(c, share, w, reach)];
  }
  return [spreadWindows(c, share, w)];
};

/** 1/(elements that each window averages), as a constant 1×1×output. */
function inverseCounts(c: RuleContext, w: Window, includePad: boolean): string {
  const counts = w.output.map((size, i) =>
    Array.from({ length: size }, (_, o) => {
      const low = includePad ? -w.begin[i] : 0;
      const high = includePad ? w.input[i] + w.end[i] : w.input[i];
      const positions = Array.from(
        { length: w.kernel[i] },
        (_p, k) => o * w.strides[i] - w.begin[i] + k * w.dilations[i],
      );
      return positions.filter((p) => p >= low && p < high).length;
    }),
  );
  const product = counts.reduce<number[]>((all, axis) => all.flatMap((p) => axis.map((n) => p * n)), [1]);
  if (product.every((n) => n === product[0])) return c.b.scalar(1 / product[0]);
  return c.b.floats(
    Float32Array.from(product, (n) => 1 / n),
    [1, 1, ...w.output],
    'counts',
  );
}

/** Windows side by side: each element of `share` repeated over its window. */
function repeated(c: RuleContext, share: string, w: Window): string {
  const { b } = c;
  const large = b.add('Resize', [share, '', b.floats([1, 1, ...w.kernel], [4])], {
    mode: { type: 'string', value: 'nearest' },
    coordinate_transformation_mode: { type: 'string', value: 'asymmetric' },
    nearest_mode: { type: 'string', value: 'floor' },
  });
  const sizes = w.output.map((n, i) => n * w.kernel[i]);
  const seen = w.input.map((n, i) => Math.min(n, sizes[i]));
  const cut = crop(
    b,
    large,
    w.kernel.map(() => 0),
    seen,
  );
  const missing = w.input.map((n, i) => n - seen[i]);
  if (missing.every((m) => m === 0)) return cut;
  return b.add('Pad', [cut, b.longs([0, 0, 0, 0, 0, 0, ...missing])]);
}

/** Stride 1: sums over windows of `share`, written as average pooling, which keeps blocked layouts. */
function summedWindows(c: RuleContext, share: string, w: Window, reach: readonly number[]): string {
  const begin = reach.map((r, i) => r - w.begin[i]);
  const end = reach.map((r, i) => w.input[i] - w.output[i] + r - begin[i]);
  if (end.some((p, i) => p < 0 || p >= w.kernel[i] || begin[i] >= w.kernel[i]))
    return spreadWindows(c, share, w);
  const averaged = c.b.add('AveragePool', [share], {
    ...explicitWindow({ kernel: w.kernel, dilations: w.dilations, begin, end }),
    count_include_pad: int(1),
  });
  return scaled(
    c.b,
    averaged,
    w.kernel.reduce((p, k) => p * k, 1),
  );
}

/** Any window: a transposed convolution, channel by channel, with a kernel of ones. */
function spreadWindows(c: RuleContext, share: string, w: Window): string {
  const size = w.kernel.reduce((p, k) => p * k, 1);
  const ones = c.b.floats(new Float32Array(size).fill(1), [1, 1, ...w.kernel], 'ones');
  return spread(c, share, ones, w, wholeEnd(w));
}

/** Left unexpanded: what comes next mostly multiplies, and broadcasts by itself. */
const globalAveragePool: Rule = (c) => {
  const { b } = c;
  const axes = b
    .shape(c.x())
    .slice(2)
    .map((_, i) => i + 2);
  const size = b.extents(c.x(), axes).reduce((p, n) => p * n, 1);
  return [scaled(b, c.dy(), 1 / size)];
};

const globalMaxPool: Rule = (c) => {
  const { b } = c;
  const axes = b
    .shape(c.x())
    .slice(2)
    .map((_, i) => i + 2);
  const wins = b.add('Cast', [b.add('Equal', [c.x(), c.y()])], { to: int(1) });
  return [b.add('Mul', [wins, b.add('Div', [c.dy(), sumOver(b, wins, axes)])])];
};

export const poolRules: Readonly<Record<string, Rule>> = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  MaxPool: maxPool,
};
