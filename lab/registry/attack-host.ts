import {
  type Attack,
  type AttackContext,
  type Criterion,
  classesOf,
  distances,
  HalftoneError,
  imagesOf,
  type NormName,
  normOf,
  type ParameterSchema,
  type ParameterValues,
  parseParameters,
  project,
  seeded,
  sliceCriterion,
  throwIfCancelled,
  valuesOf,
} from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { checkValues, imageSize, roundToLevels, sliceImages } from '../data/batch.ts';
import { checkImages, checkLabels } from '../runtime/checks.ts';
import type { Classifier, ImageBatch } from '../runtime/classifier-types.ts';
import { modelFor, type Spent } from './attack-model.ts';
import { loadTensors, type Tensors } from './tensors.ts';

/** One attack on some images. */
export interface AttackRequest {
  readonly attack: Attack;
  readonly classifier: Classifier;
  /** Of the classifier's size, values in [0, 1]. */
  readonly images: ImageBatch;
  /** One entry an image. */
  readonly criterion: Criterion;
  /** As given by the user; checked against the attack's schema here. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** 0 by default. Equal seeds give equal images, whatever the batch. */
  readonly seed?: number;
  /** Images at once; by default what keeps the memory for gradients within bounds. */
  readonly batch?: number;
  /** Number of the first image in the whole set, for its random numbers and for messages; 0 by default. */
  readonly first?: number;
  readonly signal?: AbortSignal;
  /** Images done, whole and part. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** An image that an attack handed back outside what it promised. The host has put it right. */
export interface Violation {
  readonly image: number;
  readonly bound: NormName | 'range';
  /** The radius, or for `range` 1. */
  readonly allowed: number;
  /** The distance, or the value farthest outside [0, 1]. */
  readonly found: number;
}

export interface AttackOutcome {
  /** As the attack made them, within its ball and [0, 1]; not rounded. */
  readonly raw: ImageBatch;
  /** Rounded to eight bits: what is measured and printed. */
  readonly rounded: ImageBatch;
  readonly spent: Spent;
  readonly violations: readonly Violation[];
  /** The parameters as used, defaults filled in. */
  readonly parameters: ParameterValues<ParameterSchema>;
}

/** float32 rounding takes a value past its bound by less than this. */
const slack = 1e-6;

/**
 * Runs an attack and answers for what comes back: the criterion and the parameters are checked before any work,
 * the model offers what the attack's access permits, images come in batches, each with its own random numbers; what
 * comes back is finite, in the ball and in [0, 1] (or is put there and reported), and is rounded to eight bits.
 * Throws `bad-argument`, `bad-image`, `bad-labels`, `bad-plugin`, `not-finite`, `cancelled`.
 */
export async function runAttack(request: AttackRequest): Promise<AttackOutcome> {
  const { attack, classifier, images, first = 0 } = request;
  const parameters = parseParameters(attack.parameters, request.parameters, attack.name);
  checkCriterion(attack, request.criterion, classifier.classes, images.count);
  checkValues(images, 'images', { unit: true, first });
  checkImages(images, classifier.input);
  const tensors = await loadTensors();
  const spent: Spent = { queries: 0, gradients: 0, zeroGradients: 0 };
  const violations: Violation[] = [];
  const raw: ImageBatch = { ...images, data: new Float32Array(images.data.length) };
  const batch = attack.scope === 'set' ? images.count : (request.batch ?? defaultBatch(images));
  for (let start = 0; start < images.count; start += batch) {
    throwIfCancelled(request.signal);
    const end = Math.min(start + batch, images.count);
    const part = { request, parameters, tensors, spent, start, images: sliceImages(images, start, end) };
    const made = await runBatch(part);
    const kept = enforce(attack, parameters, made, part.images, first + start, violations);
    raw.data.set(kept, start * imageSize(images));
    request.onProgress?.(end, images.count);
  }
  return { raw, rounded: { ...raw, data: roundToLevels(raw.data) }, spent, violations, parameters };
}

/** Refuses a criterion that the attack can't pursue and classes that the model hasn't. */
export function checkCriterion(attack: Attack, criterion: Criterion, classes: number, count: number): void {
  if (!attack.criteria.includes(criterion.kind)) {
    const text = `attack '${attack.name}' can't be ${criterion.kind}; it can be: ${attack.criteria.join(', ')}`;
    throw new HalftoneError('bad-argument', text);
  }
  const what = criterion.kind === 'targeted' ? 'target' : 'label';
  checkLabels(classesOf(criterion), count, classes, what);
}

/** As many images as have the values of 8 at 224×224 RGB; networks on small images gain from more at once. */
export function defaultBatch(shape: Omit<ImageBatch, 'data' | 'count'>): number {
  return Math.min(256, Math.max(1, Math.floor((8 * 224 * 224 * 3) / imageSize(shape))));
}

interface Part {
  readonly request: AttackRequest;
  readonly parameters: ParameterValues<ParameterSchema>;
  readonly tensors: Tensors;
  readonly spent: Spent;
  /** Number of the first image in the request. */
  readonly start: number;
  readonly images: ImageBatch;
}

async function runBatch({ request, parameters, tensors, spent, start, images }: Part): Promise<Float32Array> {
  const { attack, classifier, seed = 0, first = 0 } = request;
  const { tf } = tensors;
  const { count, height, width, channels } = images;
  const random = seeded(seed).derive(attack.name);
  const signal = request.signal ?? new AbortController().signal;
  // A copy: some backends keep the array that they are given, and the caller's must stay as it is.
  const input = imagesOf(tf, images.data.slice(), [count, height, width, channels]);
  const context: AttackContext<Attack['access'], ParameterSchema> = {
    tf,
    model: modelFor(attack.access, { tf, classifier, signal, spent }),
    images: input,
    criterion: sliceCriterion(request.criterion, start, start + count),
    parameters,
    random: random.derive('run'),
    randoms: Array.from({ length: count }, (_, i) => random.derive(first + start + i)),
    signal,
    progress: (fraction) => request.onProgress?.(start + count * fraction, request.images.count),
    report: () => {},
    channel: async () => {
      throw new HalftoneError('bad-argument', `attack '${attack.name}' has no channel`);
    },
  };
  let output: Tensor4D | undefined;
  try {
    output = await attack.run(context);
    return checkedValues(output, input, attack.name);
  } catch (cause) {
    if (cause instanceof HalftoneError) throw cause;
    const reason = (cause as Error).message?.split('\n')[0] ?? String(cause);
    throw new HalftoneError('bad-plugin', `attack '${attack.name}' failed: ${reason}`, { cause });
  } finally {
    if (output !== undefined && output !== input && !output.isDisposed) tf.dispose(output);
    if (!input.isDisposed) input.dispose();
  }
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

/** Values finite, in [0, 1] and in the ball; notes what had to be put right. */
function enforce(
  attack: Attack,
  parameters: ParameterValues<ParameterSchema>,
  made: Float32Array,
  origin: ImageBatch,
  first: number,
  violations: Violation[],
): Float32Array {
  checkValues({ ...origin, data: made }, `attack '${attack.name}'`, { first });
  const size = imageSize(origin);
  for (let image = 0; image < origin.count; image++) {
    const found = clip(made.subarray(image * size, (image + 1) * size));
    if (found !== undefined) violations.push({ image: first + image, bound: 'range', allowed: 1, found });
  }
  const { budget } = attack;
  const norm = normOf(attack, parameters);
  if (budget === undefined) return made;
  const radius = parameters[budget] as number;
  const found = distances(norm, made, origin.data, origin.count);
  const outside = Array.from(found.entries()).filter(
    ([, distance]) => distance > radius * (1 + slack) + slack,
  );
  for (const [image, distance] of outside) {
    violations.push({ image: first + image, bound: norm, allowed: radius, found: distance });
  }
  // Every projection goes from where the values are towards the origin, which lies in [0, 1]: they stay there.
  return outside.length === 0 ? made : project(norm, made, origin.data, origin.count, radius);
}

/** Clips to [0, 1] in place; the value that was farthest outside, if any was by more than rounding. */
function clip(values: Float32Array): number | undefined {
  let low = 0;
  let high = 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= 0 && value <= 1) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    values[i] = value < 0 ? 0 : 1;
  }
  if (-low <= slack && high - 1 <= slack) return undefined;
  return -low > high - 1 ? low : high;
}
