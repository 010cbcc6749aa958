import {
  type Access,
  type Attack,
  type Criterion,
  classesOf,
  type Gradient,
  type Objective,
  type ParameterSchema,
  parseParameters,
  seeded,
  slopeOf,
  type TensorFlow,
  type Transformation,
  type WhiteBoxModel,
} from '@halftone/sdk';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** For tests: what a model was asked, in images. */
export interface Asked {
  queries: number;
  gradients: number;
  /** Images of each call for gradients, in order. */
  calls: number[];
}

/** For tests: a layer of weights on the values of an image, and a wave over it or not. */
export interface TestNetwork {
  readonly input: WhiteBoxModel['input'];
  /** [values of an image, classes]. */
  readonly weights: Float32Array;
  readonly classes: number;
  /** z = sin(3 W x) instead of W x: a model whose slopes turn. */
  readonly curved?: boolean;
}

/** For tests: a model with its gradients in closed form, that counts what it is asked. */
export function modelOf(
  tf: TensorFlow,
  { input, weights, classes, curved = false }: TestNetwork,
): { model: WhiteBoxModel; asked: Asked } {
  const size = weights.length / classes;
  const linear = (images: Tensor4D) =>
    tf.matMul<Tensor2D>(tf.reshape(images, [-1, size]), tf.tensor2d(weights, [size, classes]));
  const forward = (images: Tensor4D): Tensor2D =>
    curved ? tf.sin(tf.mul(3, linear(images))) : linear(images);
  const pull = (images: Tensor4D, cotangent: Tensor2D): Tensor4D => {
    const inner: Tensor2D = curved
      ? tf.mul(cotangent, tf.mul(3, tf.cos(tf.mul(3, linear(images)))))
      : cotangent;
    return tf.reshape(tf.matMul(inner, tf.tensor2d(weights, [size, classes]), false, true), images.shape);
  };
  const asked: Asked = { queries: 0, gradients: 0, calls: [] };
  const logits = async (images: Tensor4D) => {
    asked.queries += images.shape[0];
    return tf.tidy(() => forward(images));
  };
  const backward = (images: Tensor4D, cotangent: Tensor2D) => {
    asked.gradients += images.shape[0];
    asked.calls.push(images.shape[0]);
    return tf.tidy(() => pull(images, cotangent));
  };
  const gradient = async (
    images: Tensor4D,
    criterion: Criterion,
    objective: Objective = { kind: 'cross-entropy' },
  ): Promise<Gradient> => {
    const z = tf.tidy(() => forward(images));
    const slope = slopeOf(tf, (values) => objectiveOf(tf, values, criterion, objective), z);
    const found = backward(images, slope.cotangent);
    slope.cotangent.dispose();
    return { gradient: found, objective: slope.objective, logits: z };
  };
  const model: WhiteBoxModel = {
    classes,
    input: { ...input },
    logits,
    gradient,
    probabilities: async (images) => tf.tidy(() => tf.softmax(forward(images))),
    labels: async (images) => {
      const z = await logits(images);
      const labels = tf.tidy(() => Int32Array.from(tf.argMax(z, 1).dataSync()));
      z.dispose();
      return labels;
    },
    backward: async (images, cotangent) => backward(images, cotangent),
  };
  return { model, asked };
}

function objectiveOf(tf: TensorFlow, z: Tensor2D, criterion: Criterion, objective: Objective): Tensor1D {
  if (objective.kind !== 'cross-entropy') throw new Error(`no ${objective.kind} here`);
  const chosen = tf.oneHot(tf.tensor1d(classesOf(criterion), 'int32'), z.shape[1]);
  const logarithms = tf.sum<Tensor1D>(tf.mul(tf.logSoftmax(z), chosen), 1);
  return criterion.kind === 'targeted' ? logarithms : tf.neg(logarithms);
}

export interface Trial {
  readonly tf: TensorFlow;
  readonly model: WhiteBoxModel;
  /** Values of all images, one after the other. */
  readonly images: Float32Array;
  readonly criterion: Criterion;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  /** Number of the first image, for its random numbers. */
  readonly first?: number;
  readonly channel?: Transformation;
  readonly signal?: AbortSignal;
  readonly progress?: (fraction: number) => void;
}

/** For tests: runs an attack as a host does, without the host's checks; with the tensors that it left behind. */
export async function runOn<A extends Access, S extends ParameterSchema>(
  attack: Attack<A, S>,
  trial: Trial,
): Promise<{ result: Float32Array; leaked: number }> {
  const { tf, model, criterion, seed = 0, first = 0 } = trial;
  const { height, width, channels } = model.input;
  const count = trial.images.length / (height * width * channels);
  const images = tf.tensor4d(trial.images.slice(), [count, height, width, channels]);
  const random = seeded(seed).derive(attack.name);
  const context = {
    tf,
    model,
    images,
    criterion,
    parameters: parseParameters(attack.parameters, trial.parameters ?? {}, attack.name),
    random: random.derive('run'),
    randoms: Array.from({ length: count }, (_, i) => random.derive(first + i)),
    signal: trial.signal ?? new AbortController().signal,
    progress: trial.progress ?? (() => {}),
    report: () => {},
    channel:
      trial.channel ??
      (async () => {
        throw new Error('no channel');
      }),
  };
  const before = tf.memory().numTensors;
  try {
    const output = await (attack.run as (context: unknown) => Promise<Tensor4D>)(context);
    const leaked = tf.memory().numTensors - before - (output === images ? 0 : 1);
    const result = Float32Array.from(output.dataSync());
    if (output !== images) output.dispose();
    return { result, leaked };
  } finally {
    images.dispose();
  }
}
