import { z } from 'zod';

/**
 * Networks as data: a list of layers, as recipes name them. `layers.ts` says what each one computes; values are
 * images N×C×H×W, tokens N×T×D or rows N×C, and shapes follow from the input's.
 */

/** How windows meet the edge. `same`: output = ceil(input / stride), the odd pixel of padding at the end. */
export type Padding = 'valid' | 'same';

/** How kernels begin: He et al. 2015 (normal, 2/fan-in) or Glorot and Bengio 2010 (uniform, 6/(fan-in + fan-out)). */
export type Initialisation = 'he' | 'glorot';

export const ACTIVATIONS = [
  'relu',
  'relu6',
  'leaky-relu',
  'elu',
  'sigmoid',
  'tanh',
  'swish',
  'hard-swish',
  'gelu',
] as const;

export type Activation = (typeof ACTIVATIONS)[number];

interface Windowed {
  /** Pixels along both axes. */
  readonly kernel: number;
  /** 1 by default; for pools the kernel. */
  readonly stride?: number | undefined;
  /** `valid` by default. */
  readonly padding?: Padding | undefined;
}

interface Biased {
  /** true by default. */
  readonly bias?: boolean | undefined;
}

interface Convolution extends Windowed, Biased {
  readonly filters: number;
  /** Blocks of channels that don't mix; 1 by default. */
  readonly groups?: number | undefined;
}

/** One layer. */
export type Layer =
  | ({ readonly type: 'conv' } & Convolution)
  /** One filter a channel. */
  | ({ readonly type: 'depthwise-conv' } & Windowed & Biased)
  /** The transpose of the convolution with these settings: `same` gives input · stride. */
  | ({ readonly type: 'transposed-conv' } & Convolution)
  /** Rows in, rows out, or tokens in, tokens out; images are flattened first, channel by channel. */
  | ({ readonly type: 'dense'; readonly units: number } & Biased)
  /**
   * Ioffe and Szegedy 2015, over all axes but the channels'. Running statistics, of biased variances, take
   * (1 − momentum) of each batch's; momentum 0.9 and epsilon 1e-5 by default.
   */
  | {
      readonly type: 'batch-norm';
      readonly momentum?: number | undefined;
      readonly epsilon?: number | undefined;
    }
  | ({ readonly type: 'max-pool' } & Windowed)
  /** Padding isn't counted. */
  | ({ readonly type: 'average-pool' } & Windowed)
  /** Images or tokens to rows: the mean of each channel. */
  | { readonly type: 'global-average-pool' }
  /** Rows to images of this shape. */
  | { readonly type: 'reshape'; readonly shape: readonly [number, number, number] }
  | { readonly type: 'flatten' }
  /** Each pixel repeated `factor` times along both axes. */
  | { readonly type: 'upsample'; readonly factor: number }
  /** Srivastava et al. 2014: in training each value is zero with this probability, else divided by 1 − rate. */
  | { readonly type: 'dropout'; readonly rate: number }
  | { readonly type: 'activation'; readonly function: Activation }
  /** Images to tokens: each patch of `patch` × `patch` pixels becomes `width` numbers. Dosovitskiy et al. 2021. */
  | { readonly type: 'patch-embedding'; readonly patch: number; readonly width: number }
  /** Adds to each token what is learnt of its place. */
  | { readonly type: 'position-embedding' }
  /** Over each token's channels, or each row's; epsilon 1e-5 by default. Ba et al. 2016. */
  | { readonly type: 'layer-norm'; readonly epsilon?: number | undefined }
  /** Every token looks at all tokens, in so many heads. Vaswani et al. 2017. */
  | { readonly type: 'attention'; readonly heads: number }
  /** body(x) + shortcut(x); the shortcut is x itself by default. He et al. 2016. */
  | {
      readonly type: 'residual';
      readonly body: readonly Layer[];
      readonly shortcut?: readonly Layer[] | undefined;
    };

/** A network without its input size, which is the data's. */
export interface Network {
  /** `he` by default. Biases begin at zero. */
  readonly initialisation?: Initialisation | undefined;
  readonly layers: readonly Layer[];
}

const size = z.int().min(1).max(65_536);
const windowed = { kernel: size, stride: size.optional(), padding: z.enum(['valid', 'same']).optional() };
const biased = { bias: z.boolean().optional() };
const convolution = { filters: size, groups: size.optional(), ...windowed, ...biased };

const layerSchema: z.ZodType<Layer> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('conv'), ...convolution }),
    z.strictObject({ type: z.literal('depthwise-conv'), ...windowed, ...biased }),
    z.strictObject({ type: z.literal('transposed-conv'), ...convolution }),
    z.strictObject({ type: z.literal('dense'), units: size, ...biased }),
    z.strictObject({
      type: z.literal('batch-norm'),
      momentum: z.number().min(0).lt(1).optional(),
      epsilon: z.number().positive().optional(),
    }),
    z.strictObject({ type: z.literal('max-pool'), ...windowed }),
    z.strictObject({ type: z.literal('average-pool'), ...windowed }),
    z.strictObject({ type: z.literal('global-average-pool') }),
    z.strictObject({ type: z.literal('reshape'), shape: z.tuple([size, size, size]) }),
    z.strictObject({ type: z.literal('flatten') }),
    z.strictObject({ type: z.literal('upsample'), factor: size }),
    z.strictObject({ type: z.literal('dropout'), rate: z.number().min(0).lt(1) }),
    z.strictObject({ type: z.literal('activation'), function: z.enum(ACTIVATIONS) }),
    z.strictObject({ type: z.literal('patch-embedding'), patch: size, width: size }),
    z.strictObject({ type: z.literal('position-embedding') }),
    z.strictObject({ type: z.literal('layer-norm'), epsilon: z.number().positive().optional() }),
    z.strictObject({ type: z.literal('attention'), heads: size }),
    z.strictObject({
      type: z.literal('residual'),
      body: z.array(layerSchema).min(1),
      shortcut: z.array(layerSchema).optional(),
    }),
  ]),
);

/** A network as recipes write it. */
export const networkSchema = z.strictObject({
  initialisation: z.enum(['he', 'glorot']).optional(),
  layers: z.array(layerSchema).min(1),
});
