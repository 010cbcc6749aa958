import { intAttr } from '../../graph/attributes.ts';
import { ints } from '../../graph/builder.ts';
import type { Attributes } from '../../graph/ir.ts';
import { windowAttributes, windowAxis } from '../../graph/shapes/windows.ts';
import type { RuleContext } from '../rule.ts';

/** Channels that one block of ONNX Runtime's convolution layout holds (8 with AVX2, 16 with AVX-512). */
export const CHANNEL_BLOCK = 8;

/** Of one image, so many values are laid out window by window at once: 4 MB. */
export const MOST_UNFOLDED = 2 ** 20;

/** A sliding window over the spatial axes, with `auto_pad` resolved: one entry for each spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first element of each axis. */
  readonly begin: readonly number[];
  /** Padding after the last one. */
  readonly end: readonly number[];
  /** Input and output extents. */
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** Spatial axes of an N×C×… tensor. */
export function spatialAxes(c: RuleContext, name: string): number[] {
  return c.b
    .shape(name)
    .slice(2)
    .map((_, i) => i + 2);
}

/**
 * The window of a Conv or pooling node.
 *
 * @param kernel extents of the kernel
 * @throws GraphError when the image size isn't fixed in the graph
 */
export function windowOf(c: RuleContext, kernel: readonly number[]): Window {
  const { b, node } = c;
  const axes = spatialAxes(c, c.x(0));
  const input = b.extents(c.x(0), axes);
  const attributes = windowAttributes(node, kernel.length);
  const along = kernel.map((k, axis) => windowAxis(node, attributes, axis, input[axis], k));
  return {
    kernel,
    strides: attributes.strides,
    dilations: attributes.dilations,
    begin: along.map((a) => a.padBegin),
    end: along.map((a) => a.padEnd),
    input,
    output: along.map((a) => a.output),
  };
}

/** Attributes of a convolution or pooling with explicit padding. */
export function explicitWindow(w: {
  kernel: readonly number[];
  strides?: readonly number[];
  dilations?: readonly number[];
  begin: readonly number[];
  end: readonly number[];
}): Attributes {
  return {
    kernel_shape: ints(w.kernel),
    strides: ints(w.strides ?? w.kernel.map(() => 1)),
    ...(w.dilations ? { dilations: ints(w.dilations) } : {}),
    pads: ints([...w.begin, ...w.end]),
  };
}

/** Number of groups of a convolution. */
export function groupOf(c: RuleContext): number {
  return intAttr(c.node, 'group', 1);
}
