import { HalftoneError } from '@halftone/sdk/errors';
import { float, int, ints } from '../graph/builder.ts';
import type { NetworkContext } from './build.ts';
import type { Layer } from './network.ts';

/** The layers of transformers, on tokens: N×T×D, T places with D channels each. Vaswani et al. 2017. */

/** Places and channels. @throws HalftoneError for images and rows */
export function tokensOf(c: NetworkContext, x: string): [places: number, width: number] {
  const shape = c.b.shape(x);
  if (shape.length !== 3) throw new HalftoneError('bad-argument', `it takes tokens, not ${shape.join('×')}`);
  return c.b.extents(x, [1, 2]) as [number, number];
}

/** Whether a value is tokens. */
export function isTokens(c: NetworkContext, x: string): boolean {
  return c.b.shape(x).length === 3;
}

/** Images to tokens: each pixel's channels, row after row. */
export function imageTokens(c: NetworkContext, image: string): string {
  const [channels, height, width] = c.b.extents(image, [1, 2, 3]) as [number, number, number];
  const columns = c.b.reshape(image, [c.b.shape(image)[0]!, channels, height * width]);
  return c.b.add('Transpose', [columns], { perm: ints([0, 2, 1]) });
}

/** One number for each place and channel, learnt, the same for every image. */
export function positionEmbedding(c: NetworkContext, x: string, path: string): string {
  const [places, width] = tokensOf(c, x);
  const embedding = c.parameter(`${path}/embedding`, [1, places, width], { deviation: 0.02 });
  return c.b.add('Add', [x, embedding]);
}

/** Ba, Kiros and Hinton 2016, over the channels of each token, or of each row. */
export function layerNormalisation(
  c: NetworkContext,
  layer: Layer & { readonly type: 'layer-norm' },
  x: string,
  path: string,
): string {
  const shape = c.b.shape(x);
  if (shape.length === 4) {
    throw new HalftoneError('bad-argument', `it takes tokens or rows, not ${shape.join('×')}`);
  }
  const width = c.b.extents(x, [shape.length - 1]);
  const scale = c.parameter(`${path}/scale`, width, { fill: 1 });
  const shift = c.parameter(`${path}/bias`, width, { fill: 0 });
  const { epsilon = 1e-5 } = layer;
  return c.b.add('LayerNormalization', [x, scale, shift], { axis: int(-1), epsilon: float(epsilon) });
}

/** The same dense layer for each token. */
export function tokenDense(
  c: NetworkContext,
  { units, bias }: { readonly units: number; readonly bias?: boolean | undefined },
  x: string,
  path: string,
): string {
  const [, width] = tokensOf(c, x);
  const beginning = { scheme: c.initialisation, fanIn: width, fanOut: units };
  const product = c.b.add('MatMul', [x, c.parameter(`${path}/kernel`, [width, units], beginning)]);
  if (bias === false) return product;
  return c.b.add('Add', [product, c.parameter(`${path}/bias`, [units], { fill: 0 })]);
}

/** Softmax(QKᵀ/√d)·V in each head, of d = D / heads channels, then all heads through one dense layer. */
export function attention(c: NetworkContext, heads: number, x: string, path: string): string {
  const { b } = c;
  const [places, width] = tokensOf(c, x);
  if (width % heads !== 0) {
    throw new HalftoneError('bad-argument', `${width} channels don't part into ${heads} heads`);
  }
  const each = width / heads;
  const batch = b.shape(x)[0]!;
  const projected = (part: string, perm: readonly number[]): string => {
    const value = tokenDense(c, { units: width }, x, `${path}.${part}`);
    return b.add('Transpose', [b.reshape(value, [batch, places, heads, each])], { perm: ints(perm) });
  };
  const queries = b.add('Mul', [projected('query', [0, 2, 1, 3]), b.scalar(1 / Math.sqrt(each))]);
  const keys = projected('key', [0, 2, 3, 1]);
  const values = projected('value', [0, 2, 1, 3]);
  const shares = b.add('Softmax', [b.add('MatMul', [queries, keys])], { axis: int(-1) });
  const mixed = b.add('Transpose', [b.add('MatMul', [shares, values])], { perm: ints([0, 2, 1, 3]) });
  return tokenDense(c, { units: width }, b.reshape(mixed, [batch, places, width]), `${path}.output`);
}
