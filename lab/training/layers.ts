import { HalftoneError } from '@halftone/sdk/errors';
import { float, int, ints, string } from '../graph/builder.ts';
import type { Attributes } from '../graph/ir.ts';
import type { NetworkContext } from './build.ts';
import type { Activation, Layer, Padding } from './network.ts';
import {
  attention,
  imageTokens,
  isTokens,
  layerNormalisation,
  positionEmbedding,
  tokenDense,
} from './tokens.ts';

/** What each layer computes, as nodes. */

/** Adds layers one after the other; `place` is the path of what holds them. Returns the last one's value. */
export function addLayers(c: NetworkContext, layers: readonly Layer[], value: string, place: string): string {
  return layers.reduce((from, layer, i) => {
    const path = `${place}${i}`;
    try {
      return addLayer(c, layer, from, path);
    } catch (cause) {
      if (!(cause instanceof HalftoneError) || cause.message.startsWith('layer ')) throw cause;
      throw new HalftoneError('bad-argument', `layer ${path} (${layer.type}): ${cause.message}`, { cause });
    }
  }, value);
}

function addLayer(c: NetworkContext, layer: Layer, x: string, path: string): string {
  const { b } = c;
  switch (layer.type) {
    case 'conv':
      return convolution(c, layer, x, path);
    case 'depthwise-conv': {
      const channels = channelsOf(c, x);
      return convolution(c, { ...layer, type: 'conv', filters: channels, groups: channels }, x, path);
    }
    case 'transposed-conv':
      return transposedConvolution(c, layer, x, path);
    case 'dense':
      return isTokens(c, x) ? tokenDense(c, layer, x, path) : dense(c, layer, x, path);
    case 'batch-norm':
      return batchNormalisation(c, layer, x, path);
    case 'max-pool':
    case 'average-pool':
      return b.add(layer.type === 'max-pool' ? 'MaxPool' : 'AveragePool', [x], {
        kernel_shape: ints([layer.kernel, layer.kernel]),
        ...windowAttributes(c, x, layer.kernel, layer.stride ?? layer.kernel, layer.padding),
      });
    case 'global-average-pool':
      return globalAverage(c, x);
    case 'reshape':
      return b.reshape(x, [b.shape(x)[0]!, ...layer.shape]);
    case 'flatten':
      return flattened(c, x);
    case 'upsample':
      return upsampled(c, x, layer.factor);
    case 'dropout':
      return dropout(c, x, layer.rate, path);
    case 'activation':
      return activated(c, x, layer.function);
    case 'patch-embedding':
      return patchEmbedding(c, layer, x, path);
    case 'position-embedding':
      return positionEmbedding(c, x, path);
    case 'layer-norm':
      return layerNormalisation(c, layer, x, path);
    case 'attention':
      return attention(c, layer.heads, x, path);
    case 'residual':
      return residual(c, layer, x, path);
  }
}

function channelsOf(c: NetworkContext, x: string): number {
  return c.b.extents(x, [1])[0]!;
}

/** Height and width. @throws HalftoneError for rows */
function spatialOf(c: NetworkContext, x: string): [number, number] {
  const shape = c.b.shape(x);
  if (shape.length !== 4) throw new HalftoneError('bad-argument', `it takes images, not ${shape.join('×')}`);
  return [Number(shape[2]), Number(shape[3])];
}

/** Strides and pads. @throws HalftoneError for a window larger than the image */
function windowAttributes(
  c: NetworkContext,
  x: string,
  kernel: number,
  stride: number,
  padding: Padding = 'valid',
): Attributes {
  const sizes = spatialOf(c, x);
  const total = sizes.map((size) => {
    if (padding === 'valid') {
      if (size >= kernel) return 0;
      throw new HalftoneError('bad-argument', `its window of ${kernel} is larger than the image's ${size}`);
    }
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  });
  const begin = total.map((pad) => Math.floor(pad / 2));
  const end = total.map((pad, i) => pad - begin[i]!);
  return { strides: ints([stride, stride]), pads: ints([...begin, ...end]) };
}

function checkGroups(groups: number, channels: number, filters: number): void {
  if (channels % groups === 0 && filters % groups === 0) return;
  const counts = `${channels} channels and ${filters} filters`;
  throw new HalftoneError('bad-argument', `${counts} don't part into ${groups} groups`);
}

function convolution(
  c: NetworkContext,
  layer: Layer & { readonly type: 'conv' },
  x: string,
  path: string,
): string {
  const { filters, kernel, stride = 1, groups = 1 } = layer;
  const window = windowAttributes(c, x, kernel, stride, layer.padding);
  const channels = channelsOf(c, x);
  checkGroups(groups, channels, filters);
  const area = kernel * kernel;
  const weight = c.parameter(`${path}/kernel`, [filters, channels / groups, kernel, kernel], {
    scheme: c.initialisation,
    fanIn: (channels / groups) * area,
    fanOut: (filters / groups) * area,
  });
  const inputs = [x, weight, ...bias(c, layer.bias, filters, path)];
  return c.b.add('Conv', inputs, {
    kernel_shape: ints([kernel, kernel]),
    ...window,
    ...(groups === 1 ? {} : { group: int(groups) }),
  });
}

function bias(c: NetworkContext, wanted: boolean | undefined, count: number, path: string): string[] {
  return wanted === false ? [] : [c.parameter(`${path}/bias`, [count], { fill: 0 })];
}

function transposedConvolution(
  c: NetworkContext,
  layer: Layer & { readonly type: 'transposed-conv' },
  x: string,
  path: string,
): string {
  const { filters, kernel, stride = 1, groups = 1, padding = 'valid' } = layer;
  spatialOf(c, x);
  const channels = channelsOf(c, x);
  checkGroups(groups, channels, filters);
  const area = kernel * kernel;
  const weight = c.parameter(`${path}/kernel`, [channels, filters / groups, kernel, kernel], {
    scheme: c.initialisation,
    // As many products end in an output pixel as kernels overlap there.
    fanIn: ((channels / groups) * area) / (stride * stride),
    fanOut: (filters / groups) * area,
  });
  const total = padding === 'same' ? Math.max(0, kernel - stride) : 0;
  const begin = Math.floor(total / 2);
  const missing = padding === 'same' ? Math.max(0, stride - kernel) : 0;
  return c.b.add('ConvTranspose', [x, weight, ...bias(c, layer.bias, filters, path)], {
    kernel_shape: ints([kernel, kernel]),
    strides: ints([stride, stride]),
    pads: ints([begin, begin, total - begin, total - begin]),
    output_padding: ints([missing, missing]),
    group: int(groups),
  });
}

function flattened(c: NetworkContext, x: string): string {
  return c.b.shape(x).length === 2 ? x : c.b.add('Flatten', [x], { axis: int(1) });
}

function globalAverage(c: NetworkContext, x: string): string {
  if (isTokens(c, x)) return c.b.add('ReduceMean', [x, c.b.longs([1])], { keepdims: int(0) });
  spatialOf(c, x);
  return flattened(c, c.b.add('GlobalAveragePool', [x]));
}

function patchEmbedding(
  c: NetworkContext,
  { patch, width }: Layer & { readonly type: 'patch-embedding' },
  x: string,
  path: string,
): string {
  const [height, breadth] = spatialOf(c, x);
  if (height % patch !== 0 || breadth % patch !== 0) {
    throw new HalftoneError(
      'bad-argument',
      `${height}×${breadth} pixels don't part into patches of ${patch}`,
    );
  }
  const layer = { type: 'conv', filters: width, kernel: patch, stride: patch } as const;
  return imageTokens(c, convolution(c, layer, x, path));
}

function dense(
  c: NetworkContext,
  layer: Layer & { readonly type: 'dense' },
  x: string,
  path: string,
): string {
  const rows = flattened(c, x);
  const inputs = channelsOf(c, rows);
  const kernel = c.parameter(`${path}/kernel`, [inputs, layer.units], {
    scheme: c.initialisation,
    fanIn: inputs,
    fanOut: layer.units,
  });
  return c.b.add('Gemm', [rows, kernel, ...bias(c, layer.bias, layer.units, path)]);
}

function batchNormalisation(
  c: NetworkContext,
  layer: Layer & { readonly type: 'batch-norm' },
  x: string,
  path: string,
): string {
  const { b } = c;
  if (isTokens(c, x))
    throw new HalftoneError('bad-argument', 'it takes images or rows; tokens take layer-norm');
  const channels = channelsOf(c, x);
  const { epsilon = 1e-5, momentum = 0.9 } = layer;
  const scale = c.parameter(`${path}/scale`, [channels], { fill: 1 });
  const shift = c.parameter(`${path}/bias`, [channels], { fill: 0 });
  const mean = c.statistic(`${path}/mean`, [channels], 0);
  const variance = c.statistic(`${path}/variance`, [channels], 1);
  if (!c.training) {
    return b.add('BatchNormalization', [x, scale, shift, mean, variance], { epsilon: float(epsilon) });
  }
  // In plain operators: the operator's training form is no faster on the CPU, and WebGPU hasn't got it.
  const shape = b.shape(x).map((_, axis) => (axis === 1 ? channels : 1));
  const axes = b.longs(shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])));
  const batchMean = b.add('ReduceMean', [x, axes], { keepdims: int(1) });
  const centred = b.add('Sub', [x, batchMean]);
  const batchVariance = b.add('ReduceMean', [b.add('Mul', [centred, centred]), axes], { keepdims: int(1) });
  const deviation = b.add('Sqrt', [b.add('Add', [batchVariance, b.scalar(epsilon)])]);
  const factor = b.add('Div', [b.reshape(scale, shape), deviation]);
  c.statistics.push({ mean, variance, batchMean, batchVariance, momentum });
  return b.add('Add', [b.add('Mul', [centred, factor]), b.reshape(shift, shape)]);
}

function upsampled(c: NetworkContext, x: string, factor: number): string {
  spatialOf(c, x);
  const scales = c.b.floats([1, 1, factor, factor], [4]);
  return c.b.add('Resize', [x, '', scales], {
    mode: string('nearest'),
    coordinate_transformation_mode: string('asymmetric'),
    nearest_mode: string('floor'),
  });
}

/** The mask comes from outside, so that a seed gives the same one on every provider and after a resume. */
function dropout(c: NetworkContext, x: string, rate: number, path: string): string {
  if (!c.training || rate === 0) return x;
  const { b } = c;
  const shape = b.shape(x);
  const input = b.input(`${path}/mask`, { dtype: 'uint8', shape });
  c.masks.push({ input, shape: shape.slice(1).map(Number), rate });
  return b.add('Mul', [x, b.add('DequantizeLinear', [input, b.scalar(1 / (1 - rate))])]);
}

function activated(c: NetworkContext, x: string, activation: Activation): string {
  const { b } = c;
  switch (activation) {
    case 'relu':
      return b.add('Relu', [x]);
    case 'relu6':
      return b.add('Clip', [x, b.scalar(0), b.scalar(6)]);
    case 'leaky-relu':
      return b.add('LeakyRelu', [x], { alpha: float(0.2) });
    case 'elu':
      return b.add('Elu', [x]);
    case 'sigmoid':
      return b.add('Sigmoid', [x]);
    case 'tanh':
      return b.add('Tanh', [x]);
    case 'swish':
      return b.add('Mul', [x, b.add('Sigmoid', [x])]);
    case 'hard-swish':
      return b.add('HardSwish', [x]);
    case 'gelu':
      return b.add('Gelu', [x]);
  }
}

function residual(
  c: NetworkContext,
  layer: Layer & { readonly type: 'residual' },
  x: string,
  path: string,
): string {
  const body = addLayers(c, layer.body, x, `${path}.body.`);
  const beside = addLayers(c, layer.shortcut ?? [], x, `${path}.shortcut.`);
  const [ours, theirs] = [body, beside].map((value) => c.b.shape(value).join('×'));
  if (ours === theirs) return c.b.add('Add', [body, beside]);
  throw new HalftoneError('bad-argument', `its body gives ${ours}, its shortcut ${theirs}`);
}
