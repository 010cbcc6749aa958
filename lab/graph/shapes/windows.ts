import { intAttr, intsAttr, stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Node } from '../ir.ts';

/** Where the windows of convolutions and pools lie: pads, strides and output extents, axis by axis. */

/** One spatial axis of a convolution or pool, all extents known. */
export interface WindowAxis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
  readonly output: number;
}

function list(node: Node, name: string, count: number, fallback: number): readonly number[] {
  const values = intsAttr(node, name, new Array<number>(count).fill(fallback));
  if (values.length !== count) {
    throw new GraphError(`Attribute '${name}' has ${values.length} values for ${count} spatial axes`, {
      node,
    });
  }
  return values;
}

export interface WindowAttributes {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceilMode: boolean;
}

const AUTO_PADS = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'];

/** The attributes that all windowed operators share, filled in for `rank` spatial axes. */
export function windowAttributes(node: Node, rank: number): WindowAttributes {
  const strides = list(node, 'strides', rank, 1);
  const dilations = list(node, 'dilations', rank, 1);
  if ([...strides, ...dilations].some((v) => v < 1)) {
    throw new GraphError('Strides and dilations must be at least 1', { node });
  }
  const autoPad = stringAttr(node, 'auto_pad', 'NOTSET');
  if (!AUTO_PADS.includes(autoPad)) throw new GraphError(`There is no padding mode '${autoPad}'`, { node });
  return {
    strides,
    dilations,
    pads: list(node, 'pads', 2 * rank, 0),
    autoPad,
    ceilMode: intAttr(node, 'ceil_mode', 0) !== 0,
  };
}

/** The windows along spatial axis `axis` (0 for the first). @throws GraphError when no window fits. */
export function windowAxis(
  node: Node,
  { strides, dilations, pads, autoPad, ceilMode }: WindowAttributes,
  axis: number,
  input: number,
  kernel: number,
): WindowAxis {
  const stride = strides[axis]!;
  const dilation = dilations[axis]!;
  if (kernel < 1) throw new GraphError(`A window of ${kernel} elements`, { node });
  const reach = (kernel - 1) * dilation + 1;
  if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
    const output = Math.ceil(input / stride);
    const total = Math.max(0, (output - 1) * stride + reach - input);
    const less = Math.floor(total / 2);
    const padBegin = autoPad === 'SAME_UPPER' ? less : total - less;
    return { input, kernel, stride, dilation, padBegin, padEnd: total - padBegin, output };
  }
  const padBegin = autoPad === 'VALID' ? 0 : pads[axis]!;
  const padEnd = autoPad === 'VALID' ? 0 : pads[axis + pads.length / 2]!;
  const room = input + padBegin + padEnd - reach;
  if (room < 0) {
    throw new GraphError(`A window of ${reach} does not fit an extent of ${input + padBegin + padEnd}`, {
      node,
    });
  }
  let output = Math.floor(room / stride) + 1;
  // A window that would start in the padding after the input does not count.
  if (ceilMode) {
    output = Math.ceil(room / stride) + 1;
    if ((output - 1) * stride >= input + padBegin) output -= 1;
  }
  return { input, kernel, stride, dilation, padBegin, padEnd, output };
}

/** One spatial axis of a transposed convolution. */
export interface TransposedAxis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly output: number;
}

/** Where a transposed convolution writes, along each spatial axis. */
export function transposedAxis(
  node: Node,
  attributes: WindowAttributes,
  axis: number,
  input: number,
  kernel: number,
): TransposedAxis {
  const { strides, dilations, pads, autoPad } = attributes;
  const rank = strides.length;
  const stride = strides[axis]!;
  const dilation = dilations[axis]!;
  const extra = list(node, 'output_padding', rank, 0)[axis]!;
  const full = stride * (input - 1) + extra + (kernel - 1) * dilation + 1;
  const wanted = intsAttr(node, 'output_shape', undefined);
  const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
  if (wanted || same) {
    const output = wanted ? wanted[wanted.length - rank + axis]! : input * stride;
    const total = Math.max(0, full - output);
    const less = Math.floor(total / 2);
    const padBegin = autoPad === 'SAME_UPPER' ? less : total - less;
    return { input, kernel, stride, dilation, padBegin, output };
  }
  const padBegin = autoPad === 'VALID' ? 0 : pads[axis]!;
  const output = full - padBegin - (autoPad === 'VALID' ? 0 : pads[axis + rank]!);
  if (output < 1) throw new GraphError('The padding leaves no output', { node });
  return { input, kernel, stride, dilation, padBegin, output };
}
