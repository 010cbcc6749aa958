import { flagAttr, intAttr, intsAttr } from '../attributes.ts';
import { divideProducts, isUnknown, productOfDims, unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Dim, Node } from '../ir.ts';
import { broadcastShapes } from './broadcast.ts';
import {
  elementsOf,
  expectRank,
  hasInput,
  type InferenceRule,
  integersOf,
  repeated,
  shapeText,
  typeOf,
  unknownShape,
  withElements,
  wrapAxes,
  wrapAxis,
} from './inputs.ts';

/** Operators that keep the elements and their order, and change only the axes. */

function refuse(node: Node, input: readonly Dim[], target: readonly Dim[]): never {
  throw new GraphError(`A value of shape ${shapeText(input)} can't be reshaped to ${shapeText(target)}`, {
    node,
  });
}

/** The shape that `Reshape` gives for a target of which 0 copies and -1 is worked out. */
export function reshapedShape(
  node: Node,
  input: readonly Dim[] | null,
  target: readonly Dim[],
  allowZero: boolean,
): Dim[] {
  const copied = target.map((extent, axis) => {
    if (extent !== 0 || allowZero) return extent;
    if (input && axis >= input.length) refuse(node, input, target);
    return input?.[axis] ?? unknownDim();
  });
  const open = copied.flatMap((extent, axis) => (extent === -1 ? [axis] : []));
  if (open.length > 1) throw new GraphError(`Target ${shapeText(target)} has more than one -1`, { node });
  // Without a -1, the element count settles one unknown extent.
  const unknown = copied.flatMap((extent, axis) => (isUnknown(extent) ? [axis] : []));
  const settle = open[0] ?? (unknown.length === 1 ? unknown[0] : undefined);
  if (settle === undefined || !input) {
    checkCount(node, input, copied, target);
    return copied.map((extent) => (extent === -1 ? unknownDim() : extent));
  }
  const rest = copied.filter((_, axis) => axis !== settle);
  const extent = rest.includes(0) ? undefined : divideProducts(input, rest);
  if (extent === undefined && [...input, ...rest].every((d) => typeof d === 'number'))
    refuse(node, input, target);
  copied[settle] = extent ?? (copied[settle] === -1 ? unknownDim() : copied[settle]!);
  return copied;
}

function checkCount(
  node: Node,
  input: readonly Dim[] | null,
  result: readonly Dim[],
  target: readonly Dim[],
): void {
  if (!input) return;
  const before = productOfDims(input);
  const after = productOfDims(result);
  if (typeof before === 'number' && typeof after === 'number' && before !== after)
    refuse(node, input, target);
}

const inferReshape: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  const target = elementsOf(site, 1);
  expectRank(node, typeOf(site, 1).shape, 1);
  if (!target) {
    const rank = typeOf(site, 1).shape?.[0];
    return [{ dtype, shape: typeof rank === 'number' ? unknownShape(rank) : null }];
  }
  const result = reshapedShape(node, shape, target, flagAttr(node, 'allowzero', false));
  return [withElements({ dtype, shape: result }, result.length <= 1 ? elementsOf(site, 0) : undefined)];
};

const inferFlatten: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [{ dtype, shape: unknownShape(2) }];
  const given = intAttr(site.node, 'axis', 1);
  const axis = given === shape.length ? given : wrapAxis(site.node, given, Math.max(1, shape.length));
  return [{ dtype, shape: [productOfDims(shape.slice(0, axis)), productOfDims(shape.slice(axis))] }];
};

const inferSqueeze: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [{ dtype, shape: null }];
  let axes = hasInput(site, 1) ? integersOf(site, 1) : undefined;
  if (!axes) {
    if (hasInput(site, 1) || shape.some((extent) => typeof extent !== 'number'))
      return [{ dtype, shape: null }];
    axes = shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  }
  const wrapped = wrapAxes(node, axes, shape.length);
  const wide = wrapped.find((axis) => typeof shape[axis] === 'number' && shape[axis] !== 1);
  if (wide !== undefined) {
    throw new GraphError(`Axis ${wide} of shape ${shapeText(shape)} is not 1 and can't be squeezed`, {
      node,
    });
  }
  const result = shape.filter((_, axis) => !wrapped.includes(axis));
  return [withElements({ dtype, shape: result }, elementsOf(site, 0))];
};

const inferUnsqueeze: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  const axes = integersOf(site, 1);
  if (!shape || !axes) {
    const added = typeOf(site, 1).shape?.[0];
    return [{ dtype, shape: shape && typeof added === 'number' ? unknownShape(shape.length + added) : null }];
  }
  const rank = shape.length + axes.length;
  const wrapped = wrapAxes(node, axes, rank);
  const rest = [...shape];
  const result = Array.from({ length: rank }, (_, axis) => (wrapped.includes(axis) ? 1 : rest.shift()!));
  return [withElements({ dtype, shape: result }, rank <= 1 ? elementsOf(site, 0) : undefined)];
};

/** The order of `Transpose`: its `perm`, or the axes reversed. */
export function permutation(node: Node, rank: number): readonly number[] {
  const reversed = Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const perm = intsAttr(node, 'perm', reversed);
  if (perm.length !== rank || !reversed.every((axis) => perm.includes(axis))) {
    throw new GraphError(`[${perm.join(', ')}] is no order of ${rank} axes`, { node });
  }
  return perm;
}

const inferTranspose: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [{ dtype, shape: null }];
  const result = permutation(site.node, shape.length).map((axis) => shape[axis]!);
  return [withElements({ dtype, shape: result }, result.length <= 1 ? elementsOf(site, 0) : undefined)];
};

const inferExpand: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  const target = elementsOf(site, 1);
  if (!target || !shape) {
    const rank = typeOf(site, 1).shape?.[0];
    const known = shape && typeof rank === 'number';
    return [{ dtype, shape: known ? unknownShape(Math.max(rank, shape.length)) : null }];
  }
  const result = broadcastShapes(site.node, [shape, target])!;
  const elements = elementsOf(site, 0);
  const single = result.length === 1 && elements?.length === 1;
  return [withElements({ dtype, shape: result }, single ? repeated(elements[0], result[0]!) : undefined)];
};

export const reshapeInference: Readonly<Record<string, InferenceRule>> = {
  Reshape: inferReshape,
  Flatten: inferFlatten,
  Squeeze: inferSqueeze,
  Unsqueeze: inferUnsqueeze,
  Transpose: inferTranspose,
  Expand: inferExpand,
};
