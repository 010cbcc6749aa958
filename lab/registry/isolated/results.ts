import { type ErrorCode, HalftoneError, imagesOf, type TensorFlow } from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { IncomingOutcome } from './messages.ts';
import { PluginFailure } from './process.ts';
import type { WireArray } from './wire.ts';

/** The codes that a plugin may give its own errors. */
const codes = z.enum([
  'bad-argument',
  'bad-plugin',
  'bad-image',
  'bad-labels',
  'not-finite',
  'not-found',
] satisfies ErrorCode[]);

/** Images from a plugin's process as a tensor. Throws `bad-plugin` unless they are float32 of the shape that went in. */
export function madeTensor(
  tf: TensorFlow,
  who: string,
  shape: Tensor4D['shape'],
  outcome: Extract<IncomingOutcome, { type: 'done' }>,
  [values]: readonly WireArray[],
): Tensor4D {
  const wanted = shape.join('×');
  const fits = outcome.shape?.join('×') === wanted && values instanceof Float32Array;
  if (fits && values.length === shape.reduce((product, extent) => product * extent, 1))
    return imagesOf(tf, values, shape);
  const dtype = typeof outcome.value === 'string' && outcome.value.length < 20 ? outcome.value : 'float32';
  const found = outcome.shape === undefined ? 'no tensor' : `a ${dtype} tensor of ${outcome.shape.join('×')}`;
  throw new HalftoneError('bad-plugin', `${who} handed back ${found} for float32 images of ${wanted}`);
}

/** What a plugin threw, as an error of the lab where it gave it a code; other errors as they are. */
export function pluginError(error: unknown): unknown {
  if (!(error instanceof PluginFailure)) return error;
  const code = codes.safeParse(error.code);
  return code.success ? new HalftoneError(code.data, error.message, { cause: error }) : error;
}
