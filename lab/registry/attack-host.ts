import {
  type Attack,
  type Criterion,
  classesOf,
  HalftoneError,
  type ParameterSchema,
  type ParameterValues,
  parseParameters,
  roundToLevels,
  throwIfCancelled,
} from '@halftone/sdk';
import { checkValues, imageSize, sliceImages } from '../data/batch.ts';
import { checkImages, checkLabels } from '../runtime/checks.ts';
import type { Classifier, ImageBatch } from '../runtime/classifier-types.ts';
import { runBatch } from './attack-batch.ts';
import { enforce, type Violation } from './attack-bounds.ts';
import type { Spent } from './attack-model.ts';
import type { Stage } from './stages.ts';
import { loadTensors } from './tensors.ts';

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
  /** The channel that the attack is given, where it declares that it needs one. */
  readonly channel?: Stage;
  /** Takes the images that the attack shows on its way; their memory is the taker's. */
  readonly onIntermediate?: (shown: Intermediate) => void;
}

/** Images of one batch while an attack works on them. */
export interface Intermediate {
  /** Number of the first image in the whole set. */
  readonly start: number;
  readonly images: ImageBatch;
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
  checkNeeds(attack, request.channel);
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

/** Refuses an attack that is left without what it needs. */
export function checkNeeds(attack: Attack, channel: Stage | undefined): void {
  if (!attack.needs?.includes('channel') || channel !== undefined) return;
  throw new HalftoneError('bad-argument', `attack '${attack.name}' needs a channel; choose one`);
}

/** Refuses a kind of criterion that the attack can't pursue. */
export function checkKind(attack: Attack, kind: Criterion['kind']): void {
  if (attack.criteria.includes(kind)) return;
  const text = `attack '${attack.name}' can't be ${kind}; it can be: ${attack.criteria.join(', ')}`;
  throw new HalftoneError('bad-argument', text);
}

/** Refuses a criterion that the attack can't pursue and classes that the model hasn't. */
export function checkCriterion(attack: Attack, criterion: Criterion, classes: number, count: number): void {
  checkKind(attack, criterion.kind);
  const what = criterion.kind === 'targeted' ? 'target' : 'label';
  checkLabels(classesOf(criterion), count, classes, what);
}

/** As many images as have the values of 8 at 224×224 RGB; networks on small images gain from more at once. */
export function defaultBatch(shape: Omit<ImageBatch, 'data' | 'count'>): number {
  return Math.min(256, Math.max(1, Math.floor((8 * 224 * 224 * 3) / imageSize(shape))));
}
