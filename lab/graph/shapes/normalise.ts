import { intAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { ValueType } from '../ir.ts';
import { broadcastShapes, unifyDims } from './broadcast.ts';
import {
  hasInput,
  type InferenceRule,
  type Site,
  sameAsFirst,
  shapeText,
  typeOf,
  wrapAxis,
} from './inputs.ts';

/** Normalisations and softmax: outputs have the input's shape. */

/** @throws GraphError unless input `index` has one value for each of the `axis`-1 channels. */
function expectPerChannel(site: Site, index: number): void {
  const x = typeOf(site, 0).shape;
  const parameter = typeOf(site, index).shape;
  if (!x || !parameter) return;
  if (x.length < 2 || parameter.length !== 1) {
    throw new GraphError(`Input of shape ${shapeText(x)} with a parameter of shape ${shapeText(parameter)}`, {
      node: site.node,
    });
  }
  unifyDims(site.node, x[1]!, parameter[0]!, 'Channels of input and parameter');
}

const inferBatchNormalization: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  for (const index of [1, 2, 3, 4]) expectPerChannel(site, index);
  const mean: ValueType = typeOf(site, 3);
  return [
    { dtype, shape },
    { dtype: mean.dtype, shape: mean.shape },
    { dtype: mean.dtype, shape: mean.shape },
  ];
};

const inferPerChannel: InferenceRule = (site) => {
  expectPerChannel(site, 1);
  expectPerChannel(site, 2);
  return sameAsFirst(site);
};

const inferGroupNormalization: InferenceRule = (site) => {
  const groups = intAttr(site.node, 'num_groups');
  const channels = typeOf(site, 0).shape?.[1];
  if (groups < 1 || (typeof channels === 'number' && channels % groups !== 0)) {
    throw new GraphError(`${channels} channels don't divide into ${groups} groups`, { node: site.node });
  }
  return inferPerChannel(site);
};

const inferLayerNormalization: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [dtype, dtype, dtype].map((d) => ({ dtype: d, shape: null }));
  const axis = wrapAxis(site.node, intAttr(site.node, 'axis', -1), shape.length);
  for (const index of [1, 2]) {
    if (hasInput(site, index)) broadcastShapes(site.node, [shape, typeOf(site, index).shape]);
  }
  const statistics = shape.map((extent, i) => (i < axis ? extent : 1));
  return [
    { dtype, shape },
    { dtype, shape: statistics },
    { dtype, shape: statistics },
  ];
};

const inferAlongAxis: InferenceRule = (site) => {
  const { shape } = typeOf(site, 0);
  if (shape && shape.length > 0) wrapAxis(site.node, intAttr(site.node, 'axis', -1), shape.length);
  return sameAsFirst(site);
};

export const normaliseInference: Readonly<Record<string, InferenceRule>> = {
  BatchNormalization: inferBatchNormalization,
  InstanceNormalization: inferPerChannel,
  GroupNormalization: inferGroupNormalization,
  LayerNormalization: inferLayerNormalization,
  LRN: sameAsFirst,
  LpNormalization: inferAlongAxis,
  MeanVarianceNormalization: sameAsFirst,
  Softmax: inferAlongAxis,
  LogSoftmax: inferAlongAxis,
  Hardmax: inferAlongAxis,
};
