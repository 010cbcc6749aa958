import { HalftoneError } from '@halftone/sdk/errors';
import { imageSize } from '../data/batch.ts';
import type { Classifier, GradientRequest, GradientResult, ImageBatch } from '../runtime/classifier-types.ts';
import { softmaxRows } from '../runtime/scores.ts';

/** For tests: logits = W·x, in memory, with gradients of the cross-entropy and of a cotangent in closed form. */
export function linearClassifier(
  weights: readonly (readonly number[])[],
  input: { height: number; width: number; channels: number },
): Classifier {
  const classes = weights.length;
  const size = imageSize(input);
  const forward = ({ data, count }: ImageBatch): Float32Array =>
    Float32Array.from({ length: count * classes }, (_, at) => {
      const row = weights[at % classes]!;
      const image = data.subarray(Math.floor(at / classes) * size);
      return row.reduce((sum, weight, i) => sum + weight * image[i]!, 0);
    });
  return {
    card: {
      name: 'linear',
      input: {
        layout: 'nhwc',
        channels: input.channels === 1 ? 'grey' : 'rgb',
        range: [0, 1],
        mean: [0],
        std: [1],
      },
      output: 'logits',
    },
    classes,
    input,
    provider: 'memory',
    async logits(images, options) {
      if (options?.signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
      return forward(images);
    },
    async gradient(request) {
      if (request.signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
      return linearGradient(request, forward(request.images), weights);
    },
    close: async () => {},
  };
}

function linearGradient(
  { images, labels, loss, cotangent }: GradientRequest,
  logits: Float32Array,
  weights: readonly (readonly number[])[],
): GradientResult {
  const classes = weights.length;
  const size = imageSize(images);
  const shares = softmaxRows(logits, classes);
  const back =
    loss.kind === 'cotangent'
      ? Float64Array.from(cotangent!)
      : shares.map((share, at) => share - (labels[Math.floor(at / classes)] === at % classes ? 1 : 0));
  const gradients = Float32Array.from({ length: images.data.length }, (_, at) => {
    const row = Math.floor(at / size) * classes;
    return weights.reduce((sum, weight, k) => sum + back[row + k]! * weight[at % size]!, 0);
  });
  const losses = Float32Array.from(labels, (label, i) => -Math.log(shares[i * classes + label]!));
  return { logits, losses, gradients };
}
