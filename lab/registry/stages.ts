import {
  type Channel,
  HalftoneError,
  imagesOf,
  type ParameterSchema,
  type ParameterValues,
  parseParameters,
  pullBack,
  type Random,
  type TensorFlow,
  type TransformDefense,
  type Transformed,
  throwIfCancelled,
  valuesOf,
} from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Classifier, GradientResult, ImageBatch } from '../runtime/classifier-types.ts';

/** A transformation before a model, a defence or a channel, with its parameters as used. */
export interface Stage {
  readonly plugin: TransformDefense | Channel;
  readonly parameters: ParameterValues<ParameterSchema>;
}

/** A stage with what the user gave. Throws `bad-argument` for a parameter that it hasn't or that is out of bounds. */
export function stageOf(plugin: Stage['plugin'], given: Readonly<Record<string, unknown>>): Stage {
  return { plugin, parameters: parseParameters(plugin.parameters, given, plugin.name) };
}

/** What running a stage takes. */
export interface Passage {
  readonly tf: TensorFlow;
  readonly images: Tensor4D;
  /** One an image. */
  readonly randoms: readonly Random[];
  readonly signal: AbortSignal;
}

/** float32 rounding takes a value past 0 or 1 by less than this. */
const slack = 1e-5;

/**
 * Runs one stage and answers for what comes back. Throws `bad-plugin` for images of another shape or range,
 * `not-finite`, `cancelled`.
 */
export async function passThrough({ plugin, parameters }: Stage, passage: Passage): Promise<Transformed> {
  const what = `${plugin.kind} '${plugin.name}'`;
  throwIfCancelled(passage.signal);
  const transformed = await guarded(what, () => plugin.apply({ ...passage, parameters }));
  try {
    checkTransformed(transformed, passage.images, what);
  } catch (error) {
    passage.tf.dispose([transformed?.images].filter((tensor) => tensor !== undefined));
    transformed?.dispose?.();
    throw error;
  }
  const { pullback } = transformed;
  if (pullback === undefined) return transformed;
  return {
    images: transformed.images,
    dispose: () => transformed.dispose?.(),
    pullback: async (cotangent) => {
      const pulled = await guarded(what, async () => pullback(cotangent));
      if (pulled?.shape?.join() === cotangent.shape.join()) return pulled;
      const shape = pulled?.shape?.join('×') ?? 'nothing';
      throw new HalftoneError('bad-plugin', `${what} pulled ${cotangent.shape.join('×')} back to ${shape}`);
    },
  };
}

/** Does a plugin's work; what it throws that is no `HalftoneError` becomes `bad-plugin` naming it. */
export async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof HalftoneError) throw cause;
    const reason = (cause as Error | null)?.message?.split('\n')[0] ?? String(cause);
    throw new HalftoneError('bad-plugin', `${what} failed: ${reason}`, { cause });
  }
}

function checkTransformed(transformed: Transformed | undefined, input: Tensor4D, what: string): void {
  const output = transformed?.images;
  if (output?.dtype !== 'float32' || output.shape.join() !== input.shape.join()) {
    const found =
      output?.shape === undefined ? 'no tensor' : `a ${output.dtype} tensor of ${output.shape.join('×')}`;
    const text = `${what} handed back ${found} for float32 images of ${input.shape.join('×')}`;
    throw new HalftoneError('bad-plugin', text);
  }
  for (const value of valuesOf(output)) {
    if (value >= -slack && value <= 1 + slack) continue;
    const kind = Number.isFinite(value) ? 'bad-plugin' : 'not-finite';
    throw new HalftoneError(kind, `${what} made a value of ${value}; images lie in 0 to 1`);
  }
}

/** What a classifier behind stages needs beside them. */
export interface StageSetting {
  readonly tf: TensorFlow;
  /** Every passage draws from a stream derived of this one, by its number and the image's place in it. */
  readonly random: Random;
  /** What the images of every call are called: each draws by its name alone, whatever is asked before or beside it. */
  readonly names?: readonly string[];
}

/** The stream that a stage draws from for an image of a call. */
type Streams = (stage: number, image: number) => Random;

/**
 * The classifier with stages before it, the first one first: logits of what the stages make of the images, and
 * gradients pulled back through them. Closing it closes nothing. Images are drawn for by their place in a call, so
 * that stages with chance in them give equal results for equal sequences of calls; or by their names, where they are
 * given.
 */
export function behindStages(
  classifier: Classifier,
  stages: readonly Stage[],
  { tf, random, names }: StageSetting,
): Classifier {
  let calls = 0;
  const streamsOf = (): Streams => {
    if (names !== undefined) return (stage, image) => random.derive(names[image]!).derive(stage);
    const own = random.derive(calls++);
    return (stage, image) => own.derive(stage).derive(image);
  };
  const enter = (images: ImageBatch, signal?: AbortSignal) =>
    forward(tf, stages, images, { streams: streamsOf(), signal: signal ?? new AbortController().signal });
  return {
    card: classifier.card,
    classes: classifier.classes,
    input: classifier.input,
    provider: classifier.provider,
    async logits(images, options) {
      const passed = await enter(images, options?.signal);
      try {
        return await classifier.logits(passed.images, options);
      } finally {
        passed.leave();
      }
    },
    async gradient(request): Promise<GradientResult> {
      const passed = await enter(request.images, request.signal);
      try {
        const result = await classifier.gradient({ ...request, images: passed.images });
        return { ...result, gradients: await passed.pull(result.gradients) };
      } finally {
        passed.leave();
      }
    },
    close: async () => {},
  };
}

/** Images that have come through stages. */
interface Passed {
  readonly images: ImageBatch;
  /** The cotangent at the images before the stages. */
  pull(cotangent: Float32Array): Promise<Float32Array>;
  leave(): void;
}

async function forward(
  tf: TensorFlow,
  stages: readonly Stage[],
  images: ImageBatch,
  { streams, signal }: { streams: Streams; signal: AbortSignal },
): Promise<Passed> {
  const shape: Tensor4D['shape'] = [images.count, images.height, images.width, images.channels];
  const done: Transformed[] = [];
  const input = imagesOf(tf, images.data, shape);
  const leave = (): void => {
    input.dispose();
    for (const transformed of done.splice(0)) {
      transformed.images.dispose();
      transformed.dispose?.();
    }
  };
  try {
    for (const [index, stage] of stages.entries()) {
      const randoms = Array.from({ length: images.count }, (_, i) => streams(index, i));
      done.push(await passThrough(stage, { tf, images: done.at(-1)?.images ?? input, randoms, signal }));
    }
    const data = new Float32Array(valuesOf(done.at(-1)?.images ?? input));
    return { images: { ...images, data }, pull: (values) => pull(tf, done, values, shape), leave };
  } catch (error) {
    leave();
    throw error;
  }
}

async function pull(
  tf: TensorFlow,
  done: readonly Transformed[],
  values: Float32Array,
  shape: Tensor4D['shape'],
): Promise<Float32Array> {
  let cotangent = imagesOf(tf, values, shape);
  for (const transformed of [...done].reverse()) {
    // Straight through: nothing to compute.
    if (transformed.pullback === undefined) continue;
    const before = cotangent;
    try {
      cotangent = await pullBack(transformed, before);
    } finally {
      before.dispose();
    }
  }
  const pulled = new Float32Array(valuesOf(cotangent));
  cotangent.dispose();
  return pulled;
}
