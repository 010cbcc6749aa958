import type { Tensor4D } from '@tensorflow/tfjs-core';
import {
  type DecisionModel,
  type Objective,
  type ScoreModel,
  throwIfCancelled,
  type WhiteBoxModel,
} from './attack.ts';
import { type Criterion, classesOf } from './criterion.ts';
import type { TensorFlow } from './plugin.ts';
import type { Random } from './random.ts';
import { imagesOf, valuesOf } from './values.ts';

/**
 * The attack on one image, written as if there were no other: it yields the images that it wants to ask the model
 * about, as one block, is resumed with the answer, and returns the image that it made. Blocks are read before it is
 * resumed and not kept: it may use their memory again.
 */
export type ImageAttack<Answer> = Generator<Float32Array, Float32Array, Answer>;

/** What the attack on one image begins with. */
export interface ImageTask {
  /** The image's values; to read, not to change. */
  readonly origin: Float32Array;
  /** [height, width, channels]. */
  readonly shape: readonly [number, number, number];
  /** Its label, or its target where `targeted`. */
  readonly wanted: number;
  readonly targeted: boolean;
  /** Its own stream. */
  readonly random: Random;
  /** How much of this image's work is done, 0 to 1. */
  progress(fraction: number): void;
}

/** What `lockstep` needs of an attack's context. */
export interface LockstepContext {
  readonly tf: TensorFlow;
  readonly images: Tensor4D;
  readonly criterion: Criterion;
  readonly randoms: readonly Random[];
  readonly signal: AbortSignal;
  progress(fraction: number): void;
}

/** Asks the model about a block of images, of which `counts[k]` belong to image `owners[k]`; one answer an owner. */
export type Ask<Answer> = (
  images: Tensor4D,
  owners: readonly number[],
  counts: readonly number[],
) => Promise<Answer[]>;

/** Values that go to the model in one call, at most; one image's block may be larger. 16 MB. */
const MOST_VALUES = 2 ** 22;

interface Running<Answer> {
  readonly index: number;
  readonly attack: ImageAttack<Answer>;
  /** What it is resumed with next. */
  answer: Answer;
}

/**
 * Runs one attack on each image of a batch, step by step together: what they all ask at a step goes to the model in
 * one call (in several where the blocks are large), and an image that is done asks no more. The result holds what
 * each attack returned. Throws what an attack or the model throws, and `cancelled`.
 */
export async function lockstep<Answer>(
  context: LockstepContext,
  begin: (task: ImageTask) => ImageAttack<Answer>,
  ask: Ask<Answer>,
): Promise<Tensor4D> {
  const { tf, images, signal } = context;
  const [count, height, width, channels] = images.shape;
  const size = height * width * channels;
  const result = new Float32Array(count * size);
  let running: Running<Answer>[] = tasksOf(context).map((task, index) => ({
    index,
    attack: begin(task),
    // The first answer that a generator is given goes nowhere.
    answer: undefined as Answer,
  }));
  while (running.length > 0) {
    throwIfCancelled(signal);
    const asking: Running<Answer>[] = [];
    let group: Question<Answer>[] = [];
    let values = 0;
    const flush = async () => {
      if (group.length > 0) await answerAll(tf, [height, width, channels], group, ask);
      group = [];
      values = 0;
    };
    for (const one of running) {
      const step = one.attack.next(one.answer);
      if (step.done) result.set(step.value, one.index * size);
      else {
        if (values > 0 && values + step.value.length > MOST_VALUES) await flush();
        group.push({ running: one, block: step.value });
        values += step.value.length;
        asking.push(one);
      }
    }
    await flush();
    running = asking;
  }
  context.progress(1);
  return imagesOf(tf, result, images.shape);
}

interface Question<Answer> {
  readonly running: Running<Answer>;
  readonly block: Float32Array;
}

async function answerAll<Answer>(
  tf: TensorFlow,
  shape: [number, number, number],
  group: readonly Question<Answer>[],
  ask: Ask<Answer>,
): Promise<void> {
  const size = shape[0] * shape[1] * shape[2];
  const counts = group.map(({ block }) => block.length / size);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const together = new Float32Array(total * size);
  let at = 0;
  for (const { block } of group) {
    together.set(block, at);
    at += block.length;
  }
  const images = imagesOf(tf, together, [total, ...shape]);
  try {
    const owners = group.map(({ running }) => running.index);
    const answers = await ask(images, owners, counts);
    for (const [k, { running }] of group.entries()) running.answer = answers[k]!;
  } finally {
    images.dispose();
  }
}

function tasksOf({ images, criterion, randoms, progress }: LockstepContext): ImageTask[] {
  const [count, height, width, channels] = images.shape;
  const values = valuesOf(images);
  const size = height * width * channels;
  const wanted = classesOf(criterion);
  const done = new Float64Array(count);
  let sum = 0;
  return Array.from({ length: count }, (_, index) => ({
    origin: values.subarray(index * size, (index + 1) * size),
    shape: [height, width, channels],
    wanted: wanted[index]!,
    targeted: criterion.kind === 'targeted',
    random: randoms[index]!,
    progress(fraction) {
      sum += fraction - done[index]!;
      done[index] = fraction;
      progress(sum / count);
    },
  }));
}

/** The entries of a criterion for a block's images. */
function criterionOf(criterion: Criterion, owners: readonly number[], counts: readonly number[]): Criterion {
  const classes = classesOf(criterion);
  const chosen = Int32Array.from(owners.flatMap((owner, k) => Array(counts[k]!).fill(classes[owner]!)));
  return criterion.kind === 'targeted'
    ? { kind: 'targeted', targets: chosen }
    : { kind: 'untargeted', labels: chosen };
}

/** Cuts a flat result, of as many values for each image, into views: one an owner. */
function cut<T extends { subarray(start: number, end: number): T; readonly length: number }>(
  values: T,
  counts: readonly number[],
): T[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const row = values.length / total;
  let at = 0;
  return counts.map((count) => {
    const start = at;
    at += count;
    return values.subarray(start * row, at * row);
  });
}

/** The answer to a question for gradients, of the block's images one after the other. */
export interface GradientAnswer {
  /** d(objective)/d(image). */
  readonly gradient: Float32Array;
  /** One an image. */
  readonly objective: Float32Array;
  /** [images, classes]. */
  readonly logits: Float32Array;
}

/** Asks for the gradient of an objective under each image's entry of the criterion. */
export function askGradients(
  { tf, model, criterion }: { tf: TensorFlow; model: Pick<WhiteBoxModel, 'gradient'>; criterion: Criterion },
  objective?: Objective,
): Ask<GradientAnswer> {
  return async (images, owners, counts) => {
    const found = await model.gradient(images, criterionOf(criterion, owners, counts), objective);
    const gradients = cut(valuesOf(found.gradient), counts);
    const objectives = cut(valuesOf(found.objective), counts);
    const logits = cut(valuesOf(found.logits), counts);
    tf.dispose([found.gradient, found.objective, found.logits]);
    return counts.map((_, k) => ({
      gradient: gradients[k]!,
      objective: objectives[k]!,
      logits: logits[k]!,
    }));
  };
}

/** Asks for the logits: [images, classes] for each owner. */
export function askLogits({ model }: { model: Pick<ScoreModel, 'logits'> }): Ask<Float32Array> {
  return async (images, _, counts) => {
    const logits = await model.logits(images);
    const answers = cut(valuesOf(logits), counts);
    logits.dispose();
    return answers;
  };
}

/** Asks for the predicted classes: one an image. */
export function askLabels({ model }: { model: Pick<DecisionModel, 'labels'> }): Ask<Int32Array> {
  return async (images, _, counts) => cut(await model.labels(images), counts);
}
