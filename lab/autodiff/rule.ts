import { type GraphBuilder, sameShape } from '../graph/builder.ts';
import { GraphError } from '../graph/errors.ts';
import type { Dim, Node } from '../graph/ir.ts';

/** What the machine that will run the graph is good at; rules choose between formulations by it. */
export interface Traits {
  /** `cpu`: ONNX Runtime's CPU provider with its blocked layouts; `gpu`: WebGPU, CUDA, DirectML, CoreML. */
  readonly target: 'cpu' | 'gpu';
  /** Convolutions whose kernels are fed run over blocks of so many channels (`lab/runtime/blocked.ts`). */
  readonly channelBlock?: number;
}

/** The input has no influence that a gradient could carry: it is piecewise constant in it (`Floor`, `Sign`). */
export const ZERO = Symbol('zero gradient');

/** The operator isn't differentiable in this input; an error when the gradient is asked to flow there. */
export const NONE = Symbol('not differentiable');

/** Gradient of one input: a value of the graph, or why there is none. */
export type InputGradient = string | typeof ZERO | typeof NONE;

/**
 * Backward of one operator. Returns an entry for each input of the node. A gradient may have the shape of
 * its input or any shape that broadcasting relates to it: the walker sums and expands.
 */
export type Rule = (c: RuleContext) => readonly InputGradient[];

/** What a rule sees: the node, the gradients of its outputs, and the builder to emit with. */
export class RuleContext {
  readonly node: Node;
  readonly b: GraphBuilder;
  readonly traits: Traits;
  readonly #outputs: readonly (string | undefined)[];
  readonly #needed: readonly boolean[];
  readonly #producers: ReadonlyMap<string, Node>;

  constructor(
    node: Node,
    b: GraphBuilder,
    traits: Traits,
    outputGradients: readonly (string | undefined)[],
    needed: readonly boolean[],
    producers: ReadonlyMap<string, Node>,
  ) {
    this.node = node;
    this.b = b;
    this.traits = traits;
    this.#outputs = outputGradients;
    this.#needed = needed;
    this.#producers = producers;
  }

  /** Name of input `i`. */
  x(i = 0): string {
    return this.node.inputs[i];
  }

  /** Name of output `i`. */
  y(i = 0): string {
    return this.node.outputs[i];
  }

  /** Is input `i` there at all? */
  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  /** The forward node that makes a value; undefined for inputs and constants. */
  producer(value: string): Node | undefined {
    return this.#producers.get(value);
  }

  /** Is the gradient of input `i` wanted? Rules compute nothing else. */
  needs(i: number): boolean {
    return this.#needed[i] ?? false;
  }

  /** Gradient of output `i` as it came: its shape may still lack broadcasting to the output's. */
  lazy(i = 0): string {
    const gradient = this.#outputs[i];
    if (gradient === undefined) throw this.error(`no gradient reached output ${i}`);
    return gradient;
  }

  /** Gradient of output `i`, in the output's full shape. */
  dy(i = 0): string {
    return expandLike(this.b, this.lazy(i), this.y(i));
  }

  /**
   * Gradient of the output for an input that it broadcasts: as it came where the input has the output's own shape,
   * else in full, or the sum over the repeats would miss those that are still to be expanded.
   */
  towards(input: number): string {
    return this.full(input) ? this.lazy() : this.dy();
  }

  /** Has input `i` the output's shape? */
  full(input: number): boolean {
    return sameShape(this.b.shape(this.x(input)), this.b.shape(this.y()));
  }

  /** Did a gradient reach output `i`? */
  reached(i: number): boolean {
    return this.#outputs[i] !== undefined;
  }

  /** Entries for all inputs: the given ones, `NONE` for the rest. */
  entries(...given: InputGradient[]): InputGradient[] {
    return this.node.inputs.map((_, i) => given[i] ?? NONE);
  }

  /** `make()` when the gradient of input `i` is wanted, else `ZERO` at no cost. */
  when(i: number, make: () => InputGradient): InputGradient {
    return this.needs(i) ? make() : ZERO;
  }

  error(message: string): GraphError {
    return new GraphError(message, { node: this.node, code: 'unsupported-operator' });
  }
}

/** `value` expanded to the shape of `like`; nothing is emitted when it has it already. */
export function expandLike(b: GraphBuilder, value: string, like: string): string {
  if (sameShape(b.shape(value), b.shape(like))) return value;
  return b.add('Expand', [value, b.shapeOf(like)]);
}

/** Axes of the longer shape over which a value of shape `from` was broadcast to shape `to`. */
export function broadcastAxes(from: readonly Dim[], to: readonly Dim[]): number[] {
  const offset = to.length - from.length;
  return to.flatMap((dim, axis) => (axis < offset || (from[axis - offset] === 1 && dim !== 1) ? [axis] : []));
}

/**
 * Undoes broadcasting: sums `gradient` over the axes along which `like` had been repeated, and gives it the
 * rank of `like`. Where the gradient is itself still unexpanded along an axis, that axis is left alone.
 */
export function sumLike(b: GraphBuilder, gradient: string, like: string): string {
  const target = b.shape(like);
  const shape = b.shape(gradient);
  if (shape.length <= target.length && broadcastAxes(target, shape).length === 0) return gradient;
  const axes = broadcastAxes(target, shape);
  const summed = axes.length === 0 ? gradient : sumOver(b, gradient, axes);
  if (shape.length <= target.length) return summed;
  // Leading axes have become 1: drop them.
  const rest = b.shape(summed).slice(shape.length - target.length);
  return b.reshape(summed, rest, like);
}

/** Sum over axes, kept as 1. Spatial sums of images go through the pooling kernels, which keep blocked layouts. */
export function sumOver(b: GraphBuilder, value: string, axes: readonly number[]): string {
  return b.add('ReduceSum', [value, b.longs(axes)], { keepdims: { type: 'int', value: 1 } });
}

/** value · constant; nothing is emitted for a factor of 1. */
export function scaled(b: GraphBuilder, value: string, factor: number): string {
  return factor === 1 ? value : b.add('Mul', [value, b.scalar(factor)]);
}

/** Zeros in the shape of a value. */
export function zerosLike(b: GraphBuilder, like: string): string {
  return b.add('ConstantOfShape', [b.shapeOf(like)], {
    value: { type: 'tensor', value: { dtype: 'float32', dims: [1], data: new Float32Array(1) } },
  });
}
