import { GraphError } from '../errors.ts';
import type { DType, Node, Tensor, TensorData } from '../ir.ts';
import { allocate, elementCount, type NumberArray, numbersOf, stridesOf, tensorOf } from '../tensors.ts';

/** Type of an output, all extents known. */
export interface OutputType {
  readonly dtype: DType;
  readonly dims: readonly number[];
}

/** One node to evaluate: its inputs, and what inference says of its outputs. */
export interface Call {
  readonly node: Node;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly OutputType[];
}

/** Values of a node's outputs, in order; may give more than the node names. Inputs have been checked. */
export type Kernel = (call: Call) => Tensor[];

export type Kernels = Readonly<Record<string, Kernel>>;

/** An input that must be there. */
export function input({ node, inputs }: Call, index: number): Tensor {
  const tensor = inputs[index];
  if (!tensor) throw new GraphError(`Input ${index} is missing`, { node });
  return tensor;
}

/** Numbers of an input that must be there. */
export function numbers(call: Call, index: number): NumberArray {
  return numbersOf(input(call, index));
}

/** Numbers of an optional input. */
export function optionalNumbers({ inputs }: Call, index: number): NumberArray | undefined {
  const tensor = inputs[index];
  return tensor && numbersOf(tensor);
}

/** The first output's values, made into its tensor. */
export function result({ outputs }: Call, values: ArrayLike<number>, index = 0): Tensor {
  const { dtype, dims } = outputs[index]!;
  return tensorOf(dtype, dims, values);
}

/**
 * Position in a tensor of shape `from` for each position in `to`, to which `from` broadcasts: the one table
 * behind broadcasting and (the other way round) reductions.
 */
export function broadcastIndex(from: readonly number[], to: readonly number[]): Int32Array {
  const missing = to.length - from.length;
  const own = stridesOf(from);
  const steps = to.map((_, axis) =>
    axis < missing || from[axis - missing] === 1 ? 0 : own[axis - missing]!,
  );
  return stridedIndex(to, steps, 0);
}

/** `offset` plus the sum of index times step over the axes, for each position of a tensor of shape `dims`. */
export function stridedIndex(dims: readonly number[], steps: readonly number[], offset: number): Int32Array {
  const positions = new Int32Array(elementCount(dims));
  if (positions.length === 0) return positions;
  positions[0] = offset;
  let filled = 1;
  // Each axis, from the last, repeats what is filled so far, shifted by its step.
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const step = steps[axis]!;
    const block = filled;
    for (let i = 1; i < dims[axis]!; i++) {
      const shift = i * step;
      for (let j = 0; j < block; j++) positions[filled++] = positions[j]! + shift;
    }
  }
  return positions;
}

/** Elements of `source` at `index`, in a tensor of shape `dims`. */
export function take(source: Tensor, dims: readonly number[], index: Int32Array): Tensor {
  const data = allocate(source.dtype, index.length);
  const from = source.data as TensorData;
  for (let i = 0; i < index.length; i++) data[i] = from[index[i]!]!;
  return { dtype: source.dtype, dims, data };
}

/** A shape seen from one axis: positions are (outer · length + i) · inner + j. */
export function alongAxis(
  dims: readonly number[],
  axis: number,
): { outer: number; length: number; inner: number } {
  return {
    outer: elementCount(dims.slice(0, axis)),
    length: dims[axis] ?? 1,
    inner: elementCount(dims.slice(axis + 1)),
  };
}

/** `axis` from the front. Inference has checked it. */
export function frontAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The nearest integer, ties to the even one. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
