import { intAttr } from '../attributes.ts';
import { unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Dim } from '../ir.ts';
import {
  constantNumbers,
  elementsOf,
  type InferenceRule,
  integersOf,
  type Site,
  sameAsFirst,
  shapeText,
  typeOf,
  withElements,
  wrapAxis,
} from './inputs.ts';

/** Operators that take or place elements by index. */

function gatheredElements(site: Site): Dim[] | undefined {
  const elements = elementsOf(site, 0);
  const indices = integersOf(site, 1);
  const rank = typeOf(site, 1).shape?.length;
  if (!elements || !indices || rank === undefined || rank > 1) return undefined;
  return indices.map((index) => {
    const element = elements.at(index);
    if (element === undefined) throw new GraphError(`Index ${index} is out of range`, { node: site.node });
    return element;
  });
}

const inferGather: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  const indices = typeOf(site, 1).shape;
  if (!shape || !indices) return [{ dtype, shape: null }];
  const axis = wrapAxis(site.node, intAttr(site.node, 'axis', 0), shape.length);
  const result = [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)];
  return [withElements({ dtype, shape: result }, gatheredElements(site))];
};

const inferGatherElements: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  const indices = typeOf(site, 1).shape;
  if (shape && indices && shape.length !== indices.length) {
    throw new GraphError(`Data ${shapeText(shape)} and indices ${shapeText(indices)} differ in rank`, {
      node: site.node,
    });
  }
  return [{ dtype, shape: indices }];
};

const inferGatherND: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  const indices = typeOf(site, 1).shape;
  const depth = indices?.at(-1);
  if (!shape || !indices || typeof depth !== 'number') return [{ dtype, shape: null }];
  const batch = intAttr(node, 'batch_dims', 0);
  if (batch + depth > shape.length) {
    throw new GraphError(`Indices ${shapeText(indices)} reach deeper than data ${shapeText(shape)}`, {
      node,
    });
  }
  return [{ dtype, shape: [...indices.slice(0, -1), ...shape.slice(batch + depth)] }];
};

const inferOneHot: InferenceRule = (site) => {
  const { node } = site;
  const { dtype } = typeOf(site, 2);
  const indices = typeOf(site, 0).shape;
  if (!indices) return [{ dtype, shape: null }];
  const axis = wrapAxis(node, intAttr(node, 'axis', -1), indices.length + 1);
  const depth = elementsOf(site, 1)?.[0] ?? constantNumbers(site, 1)?.[0] ?? unknownDim();
  return [{ dtype, shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)] }];
};

const inferNonZero: InferenceRule = (site) => {
  const rank = typeOf(site, 0).shape?.length;
  return [{ dtype: 'int64', shape: rank === undefined ? null : [Math.max(1, rank), unknownDim()] }];
};

export const indexInference: Readonly<Record<string, InferenceRule>> = {
  Gather: inferGather,
  GatherElements: inferGatherElements,
  GatherND: inferGatherND,
  ScatterND: sameAsFirst,
  ScatterElements: sameAsFirst,
  OneHot: inferOneHot,
  NonZero: inferNonZero,
};
