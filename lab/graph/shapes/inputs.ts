import { divDims, unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Dim, Node, Tensor, ValueType } from '../ir.ts';
import { numbersOf } from '../tensors.ts';
import type { InferenceContext, InferredOutput } from './context.ts';

/** A node and what is known around it: what an inference rule is given. */
export interface Site {
  readonly node: Node;
  readonly context: InferenceContext;
}

/** Types of a node's outputs, in order; may name more than the node has. */
export type InferenceRule = (site: Site) => InferredOutput[];

/** Values longer than this are not followed element by element. */
export const LONGEST_SHAPE_VALUE = 64;

export function hasInput({ node }: Site, index: number): boolean {
  return (node.inputs[index] ?? '') !== '';
}

/** Type of an input. @throws GraphError when the input is missing or its type is not known. */
export function typeOf({ node, context }: Site, index: number): ValueType {
  const name = node.inputs[index] ?? '';
  if (name === '') throw new GraphError(`Input ${index} is missing`, { node });
  const type = context.type(name);
  if (!type) throw new GraphError(`The type of input '${name}' is not known`, { node });
  return type;
}

/** Shape of an input, null when not even its rank is known. */
export function shapeOf(site: Site, index: number): readonly Dim[] | null {
  return typeOf(site, index).shape;
}

/** The value of an input when it is constant. */
export function constantOf({ node, context }: Site, index: number): Tensor | undefined {
  const name = node.inputs[index] ?? '';
  return name === '' ? undefined : context.constant(name);
}

/** Numbers of a constant input. */
export function constantNumbers(site: Site, index: number): number[] | undefined {
  const constant = constantOf(site, index);
  return constant && Array.from(numbersOf(constant));
}

/** What is known of the elements of an input of rank 0 or 1: numbers and symbols. */
export function elementsOf(site: Site, index: number): readonly Dim[] | undefined {
  const name = site.node.inputs[index] ?? '';
  if (name === '') return undefined;
  const known = site.context.shapeValue(name);
  if (known) return known;
  const constant = site.context.constant(name);
  if (!constant || constant.dims.length > 1 || constant.data.length > LONGEST_SHAPE_VALUE) return undefined;
  return Array.from(numbersOf(constant));
}

/** The elements of an integer input when all are plain numbers. */
export function integersOf(site: Site, index: number): number[] | undefined {
  const elements = elementsOf(site, index);
  if (elements?.every((e) => typeof e === 'number')) return [...elements];
  return constantNumbers(site, index);
}

/** The axis counted from the front. @throws GraphError when there is no such axis. */
export function wrapAxis(node: Node, axis: number, rank: number): number {
  const wrapped = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || wrapped < 0 || wrapped >= rank) {
    throw new GraphError(`Axis ${axis} is out of range for a value of rank ${rank}`, { node });
  }
  return wrapped;
}

/** The axes counted from the front. @throws GraphError for a wrong or repeated axis. */
export function wrapAxes(node: Node, axes: readonly number[], rank: number): number[] {
  const wrapped = axes.map((axis) => wrapAxis(node, axis, rank));
  if (new Set(wrapped).size !== wrapped.length) {
    throw new GraphError(`Axes [${axes.join(', ')}] repeat one axis`, { node });
  }
  return wrapped;
}

/** A shape of which only the rank is known. */
export function unknownShape(rank: number): Dim[] {
  return Array.from({ length: rank }, unknownDim);
}

/** One element said `length` times; undefined when that is not a small number. */
export function repeated(element: Dim | undefined, length: Dim): Dim[] | undefined {
  const small = typeof length === 'number' && length >= 0 && length <= LONGEST_SHAPE_VALUE;
  return small && element !== undefined ? new Array<Dim>(length).fill(element) : undefined;
}

/** For messages: `[N, 3, 224, 224]`. */
export function shapeText(shape: readonly Dim[] | null): string {
  return shape ? `[${shape.join(', ')}]` : 'of unknown rank';
}

/** An output of the first input's type and shape. */
export const sameAsFirst: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  return [{ dtype, shape }];
};

/** Adds elements to an output where they were found. */
export function withElements(type: ValueType, elements: readonly Dim[] | undefined): InferredOutput {
  if (!elements || elements.length > LONGEST_SHAPE_VALUE) return type;
  if (type.dtype !== 'float32') return { ...type, shapeValue: elements };
  // Extents that pass through floats (and a floor) must round as they would in the run.
  const rounded = elements.map((e) =>
    typeof e === 'number' ? Math.fround(e) : (divDims(e, 1) ?? unknownDim()),
  );
  return { ...type, shapeValue: rounded };
}

/** @throws GraphError unless the value has one of these ranks (an unknown rank passes). */
export function expectRank(node: Node, shape: readonly Dim[] | null, ...ranks: number[]): void {
  if (shape && !ranks.includes(shape.length)) {
    throw new GraphError(`Expected rank ${ranks.join(' or ')}, found a value of shape ${shapeText(shape)}`, {
      node,
    });
  }
}
