import { hasAttr, intAttr, tensorAttr } from '../attributes.ts';
import { productOfDims, unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Node, Tensor } from '../ir.ts';
import { dtypeOfCode, int64Vector, isFloat, numbersOf, scalar, tensorOf } from '../tensors.ts';
import {
  elementsOf,
  type InferenceRule,
  LONGEST_SHAPE_VALUE,
  repeated,
  typeOf,
  unknownShape,
  withElements,
} from './inputs.ts';

/** Operators that make values from shapes, or from nothing. */

/** The value of a `Constant` node. @throws GraphError for sparse tensors and strings. */
export function constantValue(node: Node): Tensor {
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (name === 'value' && attribute.type === 'tensor') return attribute.value;
    if (name === 'value_int' && attribute.type === 'int') return scalar('int64', attribute.value);
    if (name === 'value_float' && attribute.type === 'float') return scalar('float32', attribute.value);
    if (name === 'value_ints' && attribute.type === 'ints') return int64Vector(attribute.value);
    if (name === 'value_floats' && attribute.type === 'floats') {
      return tensorOf('float32', [attribute.value.length], attribute.value);
    }
  }
  throw new GraphError('A Constant without a numeric value', { node });
}

const inferConstant: InferenceRule = ({ node }) => {
  const { dtype, dims, data } = constantValue(node);
  const small = dims.length <= 1 && data.length <= LONGEST_SHAPE_VALUE;
  const elements = small ? Array.from(numbersOf({ dtype, dims, data })) : undefined;
  return [withElements({ dtype, shape: dims }, elements)];
};

/** The axes that `Shape` tells of: from `start` (0) to `end` (all), negative ones from the back, clamped. */
export function shapeSlice(node: Node, rank: number): [number, number] {
  const clamp = (axis: number) => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
  const start = clamp(intAttr(node, 'start', 0));
  return [start, Math.max(start, clamp(intAttr(node, 'end', rank)))];
}

const inferShape: InferenceRule = (site) => {
  const { shape } = typeOf(site, 0);
  if (!shape) return [{ dtype: 'int64', shape: [unknownDim()] }];
  const extents = shape.slice(...shapeSlice(site.node, shape.length));
  return [withElements({ dtype: 'int64', shape: [extents.length] }, extents)];
};

const inferSize: InferenceRule = (site) => {
  const { shape } = typeOf(site, 0);
  return [withElements({ dtype: 'int64', shape: [] }, shape ? [productOfDims(shape)] : undefined)];
};

/** What `ConstantOfShape` fills with: a float32 zero when it doesn't say. */
export function fillValue(node: Node): Tensor {
  return tensorAttr(node, 'value', scalar('float32', 0));
}

const inferConstantOfShape: InferenceRule = (site) => {
  const fill = fillValue(site.node);
  const shape = elementsOf(site, 0);
  if (!shape) {
    const rank = typeOf(site, 0).shape?.[0];
    return [{ dtype: fill.dtype, shape: typeof rank === 'number' ? unknownShape(rank) : null }];
  }
  const elements = shape.length <= 1 ? repeated(numbersOf(fill)[0], shape[0] ?? 1) : undefined;
  return [withElements({ dtype: fill.dtype, shape }, elements)];
};

/** Number of elements of `Range`. */
export function rangeLength(start: number, limit: number, step: number): number {
  return Math.max(0, Math.ceil((limit - start) / step));
}

const inferRange: InferenceRule = (site) => {
  const { dtype } = typeOf(site, 0);
  const [start, limit, step] = [0, 1, 2].map((i) => elementsOf(site, i)?.[0]);
  if (typeof start === 'number' && typeof limit === 'number' && typeof step === 'number') {
    if (step === 0) throw new GraphError('A Range can not have step 0', { node: site.node });
    const length = rangeLength(start, limit, step);
    const small = !isFloat(dtype) && length <= LONGEST_SHAPE_VALUE;
    const elements = small ? Array.from({ length }, (_, i) => start + i * step) : undefined;
    return [withElements({ dtype, shape: [length] }, elements)];
  }
  const counts = start === 0 && step === 1 && limit !== undefined;
  return [{ dtype, shape: [counts ? limit : unknownDim()] }];
};

const inferEyeLike: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  if (!hasAttr(site.node, 'dtype')) return [{ dtype, shape }];
  const named = dtypeOfCode(intAttr(site.node, 'dtype'));
  if (!named) throw new GraphError("The attribute 'dtype' names no type that we have", { node: site.node });
  return [{ dtype: named, shape }];
};

export const valueInference: Readonly<Record<string, InferenceRule>> = {
  Constant: inferConstant,
  Shape: inferShape,
  Size: inferSize,
  ConstantOfShape: inferConstantOfShape,
  Range: inferRange,
  EyeLike: inferEyeLike,
};
