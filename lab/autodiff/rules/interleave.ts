import { type GraphBuilder, int, ints, string } from '../../graph/builder.ts';
import type { RuleContext } from '../rule.ts';
import type { Window } from './window.ts';

/**
 * What strided windows have in common. Along one axis, position h of the input has the padded coordinate
 * t = h + begin = stride·q + r: its phase r says which elements of a kernel reach it, and q which windows.
 * So the gradient at the input is, phase by phase, an ordinary stride-1 operation on the gradient at the
 * output, and the phases are interleaved. Nothing is multiplied by inserted zeros.
 */
export interface Phases {
  /** Stride, the same along both spatial axes. */
  readonly stride: number;
  /** First q along each axis. */
  readonly first: readonly number[];
  /** How many q along each axis. */
  readonly count: readonly number[];
}

/** The phases of a two-dimensional window with equal strides; undefined where the scheme doesn't fit. */
export function phasesOf(w: Window): Phases | undefined {
  const [stride] = w.strides;
  if (w.kernel.length !== 2 || w.strides.some((s) => s !== stride)) return undefined;
  const first = w.begin.map((p) => Math.floor(p / stride));
  const count = w.input.map((size, i) => Math.floor((w.begin[i] + size - 1) / stride) - first[i] + 1);
  return { stride, first, count };
}

/** Elements r, r + stride, … of a kernel of extent k: how many. */
export function phaseLength(k: number, r: number, stride: number): number {
  return Math.max(0, Math.ceil((k - r) / stride));
}

/** All phases (rows, columns), in the order that `interleave` expects. */
export function phasePairs(stride: number): Array<[number, number]> {
  return Array.from({ length: stride * stride }, (_, i) => [Math.floor(i / stride), i % stride]);
}

/**
 * Interleaves phases into an image of the window's input size. For GPUs the strides must be equal.
 *
 * @param stacked N×(C·s₀·s₁)×q₀×q₁: phase (r₀, r₁) of channel c at index c·s₀·s₁ + r₀·s₁ + r₁
 */
export function interleave(
  c: RuleContext,
  stacked: string,
  w: Window,
  { first, count }: Pick<Phases, 'first' | 'count'>,
): string {
  const { b } = c;
  const starts = w.begin.map((p, i) => p - first[i] * w.strides[i]);
  if (c.traits.target === 'gpu') {
    const spread = b.add('DepthToSpace', [stacked], { blocksize: int(w.strides[0]), mode: string('CRD') });
    return crop(b, spread, starts, w.input);
  }
  // The CPU's DepthToSpace is a general transposition, four times slower than this, which also crops.
  const [channels] = b.extents(stacked, [1]);
  const columns = b.add('Reshape', [stacked, b.longs([-1, channels, count[0] * count[1]])]);
  const ends = w.input.map((size, i) => Math.max(0, w.strides[i] * count[i] - starts[i] - size));
  return b.add('Col2Im', [columns, b.longs(w.input), b.longs(w.strides)], {
    strides: ints(w.strides),
    pads: ints([...starts, ...ends]),
  });
}

/** Images N×C×… → N×(C·count)×…, those of one channel side by side. */
export function stackedAfterChannels(b: GraphBuilder, parts: readonly string[]): string {
  const [, channels, ...spatial] = b.shape(parts[0]) as number[];
  const apart = parts.map((part) => b.add('Unsqueeze', [part, b.longs([2])]));
  const stacked = b.add('Concat', apart, { axis: int(2) });
  return b.add('Reshape', [stacked, b.longs([-1, channels * parts.length, ...spatial])]);
}

/** Cuts spatial axes to [start, start + size). */
export function crop(
  b: GraphBuilder,
  value: string,
  starts: readonly number[],
  sizes: readonly number[],
): string {
  const axes = starts.map((_, i) => i + 2);
  const extents = b.extents(value, axes);
  const cut = axes.filter((_, i) => starts[i] !== 0 || sizes[i] !== extents[i]);
  if (cut.length === 0) return value;
  return b.add('Slice', [
    value,
    b.longs(cut.map((axis) => starts[axis - 2])),
    b.longs(cut.map((axis) => starts[axis - 2] + sizes[axis - 2])),
    b.longs(cut),
  ]);
}
