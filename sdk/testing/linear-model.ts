import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Gradient, Objective, WhiteBoxModel } from '../attack.ts';
import { type Criterion, classesOf } from '../criterion.ts';
import { slopeOf } from '../objective.ts';
import type { TensorFlow } from '../plugin.ts';
import { imagesOf, valuesOf } from '../values.ts';

export interface ModelInput {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Images asked about so far. */
export interface Spent {
  readonly queries: number;
  readonly gradients: number;
}

/** A model that can be given to an attack once there are tensors. */
export interface LinearModel {
  readonly input: ModelInput;
  readonly classes: number;
  readonly spent: Spent;
  with(tf: TensorFlow): WhiteBoxModel;
}

/**
 * A classifier with logits W·x: its gradients have closed forms, and the nearest image of another class is known.
 * @param weights a row for each class, a column for each value of an image, in NHWC order
 */
export function linearModel(weights: readonly (readonly number[])[], input: ModelInput): LinearModel {
  const size = input.height * input.width * input.channels;
  for (const row of weights) {
    if (row.length !== size) throw new Error(`a row of ${row.length} weights for images of ${size} values`);
  }
  const spent = { queries: 0, gradients: 0 };
  return { input, classes: weights.length, spent, with: (tf) => modelOn(tf, weights, input, spent) };
}

function modelOn(
  tf: TensorFlow,
  weights: readonly (readonly number[])[],
  input: ModelInput,
  spent: { queries: number; gradients: number },
): WhiteBoxModel {
  const classes = weights.length;
  const forward = (images: Tensor4D): Tensor2D => {
    const [count] = images.shape;
    const x = valuesOf(images);
    const size = x.length / count;
    const logits = new Float32Array(count * classes);
    for (let at = 0; at < logits.length; at++) {
      const image = Math.floor(at / classes) * size;
      logits[at] = weights[at % classes]!.reduce((sum, weight, i) => sum + weight * x[image + i]!, 0);
    }
    return tf.tensor2d(logits, [count, classes]);
  };
  const pull = (images: Tensor4D, cotangent: Tensor2D): Tensor4D => {
    const slopes = valuesOf(cotangent);
    const size = weights[0]!.length;
    const values = Float32Array.from({ length: images.size }, (_, at) => {
      const row = Math.floor(at / size) * classes;
      return weights.reduce((sum, weight, k) => sum + slopes[row + k]! * weight[at % size]!, 0);
    });
    return imagesOf(tf, values, images.shape);
  };
  const query = (images: Tensor4D): Tensor2D => {
    spent.queries += images.shape[0];
    return forward(images);
  };
  return {
    classes,
    input,
    labels: async (images) => Int32Array.from(tf.tidy(() => tf.argMax(query(images), 1).dataSync())),
    logits: async (images) => query(images),
    probabilities: async (images) => tf.tidy(() => tf.softmax(query(images))),
    async backward(images, cotangent) {
      spent.gradients += images.shape[0];
      return pull(images, cotangent);
    },
    async gradient(images, criterion, objective = { kind: 'cross-entropy' }): Promise<Gradient> {
      spent.gradients += images.shape[0];
      if (objective.kind === 'function') spent.queries += images.shape[0];
      const logits = forward(images);
      const slope = slopeOf(tf, objectiveOf(objective, criterion), logits);
      const gradient = pull(images, slope.cotangent);
      slope.cotangent.dispose();
      return { gradient, objective: slope.objective, logits };
    },
  };
}

/** An objective by name as a function of the logits, larger towards success. */
function objectiveOf(
  objective: Objective,
  criterion: Criterion,
): (logits: Tensor2D, tf: TensorFlow) => Tensor1D {
  if (objective.kind === 'function') return objective.of;
  const targeted = criterion.kind === 'targeted';
  return (logits, tf) => {
    const wanted = tf.oneHot(tf.tensor1d(classesOf(criterion), 'int32'), logits.shape[1]);
    const sum = (values: Tensor2D) => tf.sum<Tensor1D>(values, 1);
    if (objective.kind === 'cross-entropy') {
      const log = sum(
        tf.mul<Tensor2D>(tf.logSoftmax(tf.div<Tensor2D>(logits, objective.temperature ?? 1)), wanted),
      );
      return targeted ? log : tf.neg(log);
    }
    const own = sum(tf.mul<Tensor2D>(logits, wanted));
    const best = tf.max<Tensor1D>(tf.sub(logits, tf.mul(wanted, 1e9)), 1);
    const lead = targeted ? tf.sub<Tensor1D>(own, best) : tf.sub<Tensor1D>(best, own);
    return objective.kind === 'margin' ? tf.minimum<Tensor1D>(lead, objective.kappa ?? 0) : lead;
  };
}
