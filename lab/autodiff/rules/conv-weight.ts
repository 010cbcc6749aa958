import { type GraphBuilder, int, ints } from '../../graph/builder.ts';
import type { RuleContext } from '../rule.ts';
import { crop } from './interleave.ts';
import { transposed } from './linear.ts';
import { MOST_UNFOLDED, type Window } from './window.ts';

/** Gradient of a convolution at its kernel, for any spatial rank, strides, dilations and groups. */

/** From so many channels on, copying them in runs is worth it. */
const FEWEST_CHANNELS = 4;
/** Up to this width, products of whole rows are faster for channels that don't mix. */
const WIDEST_ROWS = 96;

/**
 * Gradient at a kernel: Σ over images and places of `dy` times what the kernel saw there.
 *
 * @param x  N×(G·Cg)×…, the convolution's input
 * @param dy N×(G·Og)×…, the gradient at its output
 * @returns  (G·Og)×Cg×kernel
 */
export function convWeight(c: RuleContext, x: string, dy: string, w: Window, group: number): string {
  const [channels] = c.b.extents(x, [1]);
  const each = channels! / group;
  if (c.traits.target === 'cpu') {
    if (each >= FEWEST_CHANNELS) return asProduct(c, x, dy, w, group);
    if (planesFit(c, x, dy, w, group)) return asPlanes(c, x, dy, w);
    const image = w.kernel.length === 2 && w.input[1]! <= WIDEST_ROWS;
    if (group > 1 && each === 1 && image) return asRowProducts(c, x, dy, w, group);
  }
  return asConvolution(c, x, dy, w, group);
}

/** How far the padded input reaches beyond the input's end, so that every window fits; may be negative. */
function overhang(w: Window): number[] {
  return w.kernel.map((k, i) => {
    const reach = w.dilations[i]! * (k - 1) + w.strides[i]! * (w.output[i]! - 1) + 1;
    return reach - w.input[i]! - w.begin[i]!;
  });
}

/**
 * One matrix product, dyᵀ times what each window saw, which Gather lays out in rows. The CPU's Conv with an output
 * as small as a kernel takes two to three times as long: it goes through the whole of `dy` for each input channel.
 * Of large images it is a product for each row of the kernel, which takes a little longer.
 */
function asProduct(c: RuleContext, x: string, dy: string, w: Window, group: number): string {
  const { b } = c;
  const [channels, outputs] = [b.extents(x, [1])[0]! / group, b.extents(dy, [1])[0]! / group];
  const area = product(w.kernel);
  const end = overhang(w).map((n) => Math.max(0, n));
  const size = w.input.map((n, i) => w.begin[i]! + n + end[i]!);
  const pixels = padded(b, pixelMajor(b, x, group), w.begin, end, 1);
  const flat = b.add('Reshape', [pixels, b.longs([group, -1, product(size), channels])]);
  const columns = b.add('Reshape', [channelMajor(b, dy, group), b.longs([group, outputs, -1])]);
  const windows = lattice(w.output, w.strides, size);
  const seen = lattice(w.kernel, w.dilations, size);
  const whole = windows.length * area * channels * group <= MOST_UNFOLDED;
  const products = inParts(seen, whole ? 1 : w.kernel[0]!).map((places) => {
    const indices = b.longs(windows.flatMap((window) => places.map((place) => window + place)));
    const gathered = b.add('Gather', [flat, indices], { axis: int(2) });
    const rows = b.add('Reshape', [gathered, b.longs([group, -1, places.length * channels])]);
    return b.add('MatMul', [columns, rows]);
  });
  const together = products.length === 1 ? products[0]! : b.add('Concat', products, { axis: int(2) });
  const apart = b.add('Reshape', [together, b.longs([group * outputs, area, channels])]);
  const turned = b.add('Transpose', [apart], { perm: ints([0, 2, 1]) });
  return b.add('Reshape', [turned, b.longs([group * outputs, channels, ...w.kernel])]);
}

const product = (values: readonly number[]) => values.reduce((all, value) => all * value, 1);

function inParts<T>(values: readonly T[], count: number): T[][] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * length, (i + 1) * length));
}

/** Flat places of a lattice with `steps` between its points, in an image of this size. */
function lattice(counts: readonly number[], steps: readonly number[], size: readonly number[]): number[] {
  return counts.reduce(
    (places, count, axis) =>
      places.flatMap((place) =>
        Array.from({ length: count }, (_, i) => place * size[axis]! + i * steps[axis]!),
      ),
    [0],
  );
}

/** Can each image's channels be convolved by themselves, in blocks of channels? */
function planesFit(c: RuleContext, x: string, dy: string, w: Window, group: number): boolean {
  const { channelBlock = 0 } = c.traits;
  const [count, channels] = c.b.shape(x);
  const apart = channels === group && c.b.shape(dy)[1] === group;
  return apart && w.kernel.length === 2 && typeof count === 'number' && group % channelBlock === 0;
}

/**
 * For channels that don't mix, of a known number of images: each image's channel is convolved by its own `dy`, and
 * the images' kernels are summed. Both lie in blocks of channels already, for the convolutions forward and back.
 */
function asPlanes(c: RuleContext, x: string, dy: string, w: Window): string {
  const { b } = c;
  const [count, channels] = b.extents(x, [0, 1]) as [number, number];
  const planes = count * channels;
  const images = b.add('Reshape', [x, b.longs([1, planes, ...w.input])]);
  const kernels = b.add('Reshape', [dy, b.longs([planes, 1, ...w.output])]);
  const each = b.add('Conv', [images, kernels], {
    kernel_shape: ints(w.output),
    strides: ints(w.dilations),
    dilations: ints(w.strides),
    pads: ints([...w.begin, ...overhang(w).map((n) => Math.max(0, n))]),
    group: int(planes),
  });
  const whole = crop(b, each, [0, 0], w.kernel);
  const apart = b.add('Reshape', [whole, b.longs([count, channels, 1, ...w.kernel])]);
  return b.add('ReduceSum', [apart, b.longs([0])], { keepdims: int(0) });
}

/**
 * For channels that don't mix. Of each channel and each row of the kernel, one product of all rows of the images with
 * all rows of `dy` gives what every column has to do with every other; the pairs that the kernel's columns relate are
 * summed. Most pairs are for nothing, yet the CPU's convolutions in many groups take twice as long.
 */
function asRowProducts(c: RuleContext, x: string, dy: string, w: Window, group: number): string {
  const { b } = c;
  const [height, width] = w.kernel as [number, number];
  const [, across] = w.input as [number, number];
  const [down, columns] = w.output as [number, number];
  const each = b.extents(dy, [1])[0]! / group;
  const rows = firstTwoSwapped(b, x);
  const lines = padded(b, rows, [w.begin[0]!, 0], [Math.max(0, overhang(w)[0]!), 0], 0);
  const right = b.add('Reshape', [firstTwoSwapped(b, dy), b.longs([group, each, -1, columns])]);
  const related = b.floats(relatedColumns(w), [columns * across, width], 'related');
  const sums = Array.from({ length: height }, (_, row) => {
    const first = row * w.dilations[0]!;
    const last = first + (down - 1) * w.strides[0]! + 1;
    const cut = [[first], [last], [2], [w.strides[0]!]].map((value) => b.longs(value));
    const left = b.add('Reshape', [b.add('Slice', [lines, ...cut]), b.longs([group, 1, -1, across])]);
    const pairs = b.add('MatMul', [transposed(b, right), left]);
    return b.add('MatMul', [b.add('Reshape', [pairs, b.longs([group * each, columns * across])]), related]);
  });
  const together = sums.length === 1 ? sums[0]! : b.add('Concat', sums, { axis: int(1) });
  return b.add('Reshape', [together, b.longs([group * each, 1, height, width])]);
}

/** 1 where a column of the output and one of the input meet at a column of the kernel. */
function relatedColumns(w: Window): Float32Array {
  const [, width] = w.kernel as [number, number];
  const [, across] = w.input as [number, number];
  const [, columns] = w.output as [number, number];
  const related = new Float32Array(columns * across * width);
  for (let column = 0; column < columns; column++) {
    for (let k = 0; k < width; k++) {
      const seen = column * w.strides[1]! + k * w.dilations[1]! - w.begin[1]!;
      if (seen >= 0 && seen < across) related[(column * across + seen) * width + k] = 1;
    }
  }
  return related;
}

/** N×(G·Cg)×… → (G·)N×…×Cg. */
function pixelMajor(b: GraphBuilder, x: string, group: number): string {
  const [, channels, ...spatial] = b.shape(x) as number[];
  const axes = spatial.map((_, i) => i + 2);
  if (group === 1) return b.add('Transpose', [x], { perm: ints([0, ...axes, 1]) });
  const split = b.add('Reshape', [x, b.longs([-1, group, channels! / group, ...spatial])]);
  return b.add('Transpose', [split], { perm: ints([1, 0, ...axes.map((i) => i + 1), 2]) });
}

/** N×(G·Og)×… → (G·)Og×N×…. */
function channelMajor(b: GraphBuilder, dy: string, group: number): string {
  if (group === 1) return firstTwoSwapped(b, dy);
  const [, channels, ...spatial] = b.shape(dy) as number[];
  const split = b.add('Reshape', [dy, b.longs([-1, group, channels! / group, ...spatial])]);
  return b.add('Transpose', [split], { perm: ints([1, 2, 0, ...spatial.map((_, i) => i + 3)]) });
}

/** Zeros around the spatial axes, of which the last is `later` axes before the end. */
function padded(
  b: GraphBuilder,
  value: string,
  begin: readonly number[],
  end: readonly number[],
  later: number,
): string {
  if ([...begin, ...end].every((n) => n === 0)) return value;
  const none = (count: number) => Array<number>(count).fill(0);
  const before = none(b.shape(value).length - begin.length - later);
  return b.add('Pad', [
    value,
    b.longs([...before, ...begin, ...none(later), ...before, ...end, ...none(later)]),
  ]);
}

/**
 * A convolution in which the batch is the channel axis, the images are the input and `dy` is the kernel; strides
 * and dilations change places.
 */
function asConvolution(c: RuleContext, x: string, dy: string, w: Window, group: number): string {
  const { b } = c;
  const channels = b.extents(x, [1])[0]!;
  const end = overhang(w);
  const seen = crop(
    b,
    x,
    w.input.map(() => 0),
    w.input.map((n, i) => n + Math.min(0, end[i]!)),
  );
  const result = b.add('Conv', [batchAsChannels(b, seen, channels, group), firstTwoSwapped(b, dy)], {
    strides: ints(w.dilations),
    dilations: ints(w.strides),
    pads: ints([...w.begin, ...end.map((p) => Math.max(0, p))]),
    group: int(group),
  });
  return firstTwoSwapped(b, result);
}

/** N×(G·Cg)×… → Cg×(G·N)×…. */
function batchAsChannels(b: GraphBuilder, x: string, channels: number, group: number): string {
  if (group === 1) return firstTwoSwapped(b, x);
  const shape = b.shape(x);
  const spatial = shape.slice(2) as number[];
  const later = spatial.map((_, i) => i + 3);
  const split = b.add('Reshape', [x, b.longs([-1, group, channels / group, ...spatial])]);
  const swapped = b.add('Transpose', [split], { perm: ints([2, 1, 0, ...later]) });
  return b.add('Reshape', [swapped, b.longs([channels / group, -1, ...spatial])]);
}

function firstTwoSwapped(b: GraphBuilder, value: string): string {
  const rest = b
    .shape(value)
    .slice(2)
    .map((_, i) => i + 2);
  return b.add('Transpose', [value], { perm: ints([1, 0, ...rest]) });
}
