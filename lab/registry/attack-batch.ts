import {
  type Attack,
  type AttackContext,
  HalftoneError,
  imagesOf,
  type ParameterSchema,
  type ParameterValues,
  type Random,
  seeded,
  sliceCriterion,
  type Transformation,
  valuesOf,
} from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import type { AttackRequest } from './attack-host.ts';
import { modelFor, type Spent } from './attack-model.ts';
import { orAbandon } from './limit.ts';
import { guarded, passThrough } from './stages.ts';
import type { Tensors } from './tensors.ts';

/** One batch of a request. */
export interface AttackPart {
  readonly request: AttackRequest;
  readonly parameters: ParameterValues<ParameterSchema>;
  readonly tensors: Tensors;
  /** The counts to add to. */
  readonly spent: Spent;
  /** Number of the first image in the request. */
  readonly start: number;
  readonly images: ImageBatch;
}

/**
 * What an attack makes of one batch, as it hands it back. Throws `bad-plugin` for what is no block of such images,
 * `cancelled`, and what the attack throws.
 */
export async function runBatch(part: AttackPart): Promise<Float32Array> {
  const { attack } = part.request;
  const { tf } = part.tensors;
  const { count, height, width, channels, data } = part.images;
  // A copy: some backends keep the array that they are given, and the caller's must stay as it is.
  const input = imagesOf(tf, data.slice(), [count, height, width, channels]);
  const context = contextOf(part, input);
  const leave = (output: Tensor4D | undefined): void => {
    if (output !== undefined && output !== input && !output.isDisposed) tf.dispose(output);
  };
  let output: Tensor4D | undefined;
  try {
    output = await orAbandon(
      guarded(`attack '${attack.name}'`, async () => attack.run(context)),
      context.signal,
      leave,
    );
    return checkedValues(output, input, attack.name);
  } finally {
    leave(output);
    if (!input.isDisposed) input.dispose();
  }
}

function contextOf(
  { request, parameters, tensors, spent, start, images }: AttackPart,
  input: Tensor4D,
): AttackContext<Attack['access'], ParameterSchema> {
  const { attack, classifier, seed = 0, first = 0, criterion } = request;
  const { tf } = tensors;
  const { count } = images;
  const random = seeded(seed).derive(attack.name);
  const signal = request.signal ?? new AbortController().signal;
  return {
    tf,
    model: modelFor(attack.access, { tf, classifier, signal, spent }),
    images: input,
    criterion: sliceCriterion(criterion, start, start + count),
    parameters,
    random: random.derive('run'),
    randoms: Array.from({ length: count }, (_, i) => random.derive(first + start + i)),
    signal,
    progress: (fraction) => request.onProgress?.(start + count * fraction, request.images.count),
    report: (shown) => tell(request, shown, images, start),
    channel: channelOf(request, tf, signal),
  };
}

/** Hands intermediate images on, where anybody watches. */
function tell(
  { attack, first = 0, onIntermediate }: AttackRequest,
  shown: Tensor4D,
  images: ImageBatch,
  start: number,
) {
  if (onIntermediate === undefined) return;
  const values = valuesOf(shown);
  if (values.length !== images.data.length) {
    const text = `attack '${attack.name}' reported images of ${shown.shape.join('×')}, not the whole batch`;
    throw new HalftoneError('bad-plugin', text);
  }
  onIntermediate({ start: first + start, images: { ...images, data: values.slice() } });
}

function channelOf(
  { attack, channel }: AttackRequest,
  tf: Tensors['tf'],
  signal: AbortSignal,
): Transformation {
  return async (images: Tensor4D, randoms: readonly Random[]) => {
    if (channel === undefined || !attack.needs?.includes('channel')) {
      const text = `attack '${attack.name}' asked for a channel without declaring that it needs one`;
      throw new HalftoneError('bad-plugin', text);
    }
    if (randoms.length !== images.shape[0]) {
      const text = `attack '${attack.name}' sent ${images.shape[0]} images through its channel with ${randoms.length} streams`;
      throw new HalftoneError('bad-plugin', text);
    }
    return passThrough(channel, { tf, images, randoms, signal });
  };
}

function checkedValues(output: Tensor4D | undefined, input: Tensor4D, name: string): Float32Array {
  const shape = output?.shape?.join('×');
  if (output === undefined || output.dtype !== 'float32' || shape !== input.shape.join('×')) {
    const found = shape === undefined ? 'no tensor' : `a ${output?.dtype} tensor of ${shape}`;
    const text = `attack '${name}' handed back ${found} for float32 images of ${input.shape.join('×')}`;
    throw new HalftoneError('bad-plugin', text);
  }
  // A copy: these may be the tensor's own values, or the images themselves.
  return new Float32Array(valuesOf(output));
}
