import { flagAttr, intAttr } from '../attributes.ts';
import { productOfDims, unknownDim } from '../dims.ts';
import type { Dim } from '../ir.ts';
import {
  elementsOf,
  hasInput,
  type InferenceRule,
  integersOf,
  type Site,
  sameAsFirst,
  typeOf,
  unknownShape,
  withElements,
  wrapAxes,
  wrapAxis,
} from './inputs.ts';

/** Reductions and what else works along axes. */

/** A shape with some axes reduced. */
export function reducedShape(shape: readonly Dim[], axes: readonly number[], keep: boolean): Dim[] {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return keep ? kept : kept.filter((_, axis) => !axes.includes(axis));
}

/** What is known of a reduced vector of extents. */
function reducedElements(site: Site): Dim[] | undefined {
  const { op } = site.node;
  const elements = elementsOf(site, 0);
  if (!elements || typeOf(site, 0).shape?.length !== 1) return undefined;
  if (op === 'ReduceProd') return [productOfDims(elements)];
  if (!elements.every((e) => typeof e === 'number') || elements.length === 0) return undefined;
  if (op === 'ReduceSum') return [elements.reduce((sum, e) => sum + e, 0)];
  if (op === 'ReduceMax') return [Math.max(...elements)];
  if (op === 'ReduceMin') return [Math.min(...elements)];
  return undefined;
}

const inferReduce: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  const keep = flagAttr(node, 'keepdims', true);
  const axes = hasInput(site, 1) ? integersOf(site, 1) : [];
  if (!shape) return [{ dtype, shape: null }];
  if (!axes) return [{ dtype, shape: keep ? unknownShape(shape.length) : null }];
  if (axes.length === 0) {
    if (flagAttr(node, 'noop_with_empty_axes', false)) return [{ dtype, shape }];
    const every = shape.map((_, axis) => axis);
    return [withElements({ dtype, shape: reducedShape(shape, every, keep) }, reducedElements(site))];
  }
  const result = reducedShape(shape, wrapAxes(node, axes, shape.length), keep);
  return [withElements({ dtype, shape: result }, reducedElements(site))];
};

const inferArg: InferenceRule = (site) => {
  const { node } = site;
  const { shape } = typeOf(site, 0);
  if (!shape) return [{ dtype: 'int64', shape: null }];
  const axis = wrapAxis(node, intAttr(node, 'axis', 0), shape.length);
  return [{ dtype: 'int64', shape: reducedShape(shape, [axis], flagAttr(node, 'keepdims', true)) }];
};

const inferTopK: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) {
    return [
      { dtype, shape: null },
      { dtype: 'int64', shape: null },
    ];
  }
  const axis = wrapAxis(node, intAttr(node, 'axis', -1), shape.length);
  const k = elementsOf(site, 1)?.[0] ?? unknownDim();
  const result = shape.map((extent, i) => (i === axis ? k : extent));
  return [
    { dtype, shape: result },
    { dtype: 'int64', shape: result },
  ];
};

const REDUCTIONS = 'Mean Sum Max Min Prod L1 L2 SumSquare LogSum LogSumExp'.split(' ');

export const reduceInference: Readonly<Record<string, InferenceRule>> = {
  ...Object.fromEntries(REDUCTIONS.map((name) => [`Reduce${name}`, inferReduce])),
  ArgMax: inferArg,
  ArgMin: inferArg,
  TopK: inferTopK,
  CumSum: sameAsFirst,
};
