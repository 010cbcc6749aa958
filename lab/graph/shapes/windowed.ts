import { intAttr, intsAttr } from '../attributes.ts';
import { unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Dim, Node } from '../ir.ts';
import { unifyDims } from './broadcast.ts';
import { hasInput, type InferenceRule, type Site, shapeText, typeOf } from './inputs.ts';
import { transposedAxis, type WindowAttributes, windowAttributes, windowAxis } from './windows.ts';

/** Convolutions and pools. */

/** Output extent where the input's is a symbol: the same when windows slide by one and padding makes up. */
function symbolicExtent(attributes: WindowAttributes, axis: number, input: Dim, kernel: Dim): Dim {
  const { strides, dilations, pads, autoPad } = attributes;
  if (strides[axis] !== 1 || typeof kernel !== 'number') return unknownDim();
  if (autoPad.startsWith('SAME')) return input;
  const padding = autoPad === 'VALID' ? 0 : pads[axis]! + pads[axis + pads.length / 2]!;
  return padding === (kernel - 1) * dilations[axis]! ? input : unknownDim();
}

function spatialExtents(node: Node, input: readonly Dim[], kernel: readonly Dim[]): Dim[] {
  const attributes = windowAttributes(node, input.length);
  return input.map((extent, axis) => {
    const size = kernel[axis]!;
    if (typeof extent !== 'number' || typeof size !== 'number') {
      return symbolicExtent(attributes, axis, extent, size);
    }
    return windowAxis(node, attributes, axis, extent, size).output;
  });
}

function expectSpatial(node: Node, x: readonly Dim[]): void {
  if (x.length < 3) {
    throw new GraphError(`Expected a batch, channels and spatial axes, found shape ${shapeText(x)}`, {
      node,
    });
  }
}

/** Shapes of x and w checked against each other; w names its kernel from axis 2. */
function convolutionShapes(site: Site, x: readonly Dim[], w: readonly Dim[]): readonly Dim[] {
  const { node } = site;
  expectSpatial(node, x);
  if (w.length !== x.length) {
    throw new GraphError(`Input ${shapeText(x)} and weights ${shapeText(w)} differ in rank`, { node });
  }
  const declared = intsAttr(node, 'kernel_shape', undefined);
  return w
    .slice(2)
    .map((extent, axis) => unifyDims(node, extent, declared?.[axis] ?? extent, 'Kernel extents'));
}

const inferConv: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape: x } = typeOf(site, 0);
  const w = typeOf(site, 1).shape;
  if (!x || !w) return [{ dtype, shape: null }];
  const kernel = convolutionShapes(site, x, w);
  const groups = intAttr(node, 'group', 1);
  const channels = w[1]!;
  if (typeof channels === 'number')
    unifyDims(node, x[1]!, channels * groups, 'Channels of input and weights');
  if (typeof w[0] === 'number' && w[0] % groups !== 0) {
    throw new GraphError(`${w[0]} output channels don't divide into ${groups} groups`, { node });
  }
  return [{ dtype, shape: [x[0]!, w[0]!, ...spatialExtents(node, x.slice(2), kernel)] }];
};

const inferConvInteger: InferenceRule = (site) => {
  const [output] = inferConv(site);
  return [{ dtype: 'int32', shape: output!.shape }];
};

const inferConvTranspose: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape: x } = typeOf(site, 0);
  const w = typeOf(site, 1).shape;
  if (!x || !w) return [{ dtype, shape: null }];
  const kernel = convolutionShapes(site, x, w);
  unifyDims(node, x[1]!, w[0]!, 'Channels of input and weights');
  const groups = intAttr(node, 'group', 1);
  const attributes = windowAttributes(node, x.length - 2);
  const extents = x.slice(2).map((extent, axis) => {
    const size = kernel[axis]!;
    if (typeof extent !== 'number' || typeof size !== 'number') return unknownDim();
    return transposedAxis(node, attributes, axis, extent, size).output;
  });
  const channels = typeof w[1] === 'number' ? w[1] * groups : unknownDim();
  return [{ dtype, shape: [x[0]!, channels, ...extents] }];
};

const inferPool: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape: x } = typeOf(site, 0);
  if (!x) return [{ dtype, shape: null }];
  expectSpatial(node, x);
  const kernel = intsAttr(node, 'kernel_shape');
  if (kernel.length !== x.length - 2) {
    throw new GraphError(`A kernel of ${kernel.length} axes on a value of shape ${shapeText(x)}`, { node });
  }
  const shape = [x[0]!, x[1]!, ...spatialExtents(node, x.slice(2), kernel)];
  return [
    { dtype, shape },
    { dtype: 'int64', shape },
  ];
};

const inferGlobalPool: InferenceRule = (site) => {
  const { dtype, shape: x } = typeOf(site, 0);
  if (!x) return [{ dtype, shape: null }];
  expectSpatial(site.node, x);
  return [{ dtype, shape: x.map((extent, axis) => (axis < 2 ? extent : 1)) }];
};

/** x, its scale and zero point, w, its scale and zero point, the output's scale and zero point. */
const inferQLinearConv: InferenceRule = (site) => {
  const { node } = site;
  const inputs = [node.inputs[0]!, node.inputs[3]!];
  const [output] = inferConv({ node: { ...node, inputs }, context: site.context });
  const dtype = hasInput(site, 7) ? typeOf(site, 7).dtype : typeOf(site, 0).dtype;
  return [{ dtype, shape: output!.shape }];
};

export const windowedInference: Readonly<Record<string, InferenceRule>> = {
  Conv: inferConv,
  ConvInteger: inferConvInteger,
  ConvTranspose: inferConvTranspose,
  QLinearConv: inferQLinearConv,
  MaxPool: inferPool,
  AveragePool: inferPool,
  LpPool: inferPool,
  GlobalAveragePool: inferGlobalPool,
  GlobalMaxPool: inferGlobalPool,
  GlobalLpPool: inferGlobalPool,
};
