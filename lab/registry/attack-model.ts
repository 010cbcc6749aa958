import type {
  Access,
  DecisionModel,
  Gradient,
  Objective,
  ObjectiveFunction,
  ScoreModel,
  TensorFlow,
  WhiteBoxModel,
} from '@halftone/sdk';
import { type Criterion, classesOf, HalftoneError, imagesOf, slopeOf, valuesOf } from '@halftone/sdk';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Classifier, GradientRequest, GradientResult, ImageBatch } from '../runtime/classifier-types.ts';
import { argmax, softmaxRows } from '../runtime/scores.ts';

/** What an attack has spent on a model, counted where it is served, in images. */
export interface Spent {
  /** Images classified. */
  queries: number;
  /** Images whose gradient was taken; the forward pass that goes with it is not a query of its own. */
  gradients: number;
  /** Of these, gradients that were zero throughout: a model that hides them, or one that is saturated. */
  zeroGradients: number;
}

export interface Service {
  readonly tf: TensorFlow;
  readonly classifier: Classifier;
  readonly signal: AbortSignal;
  /** The counts to add to. */
  readonly spent: Spent;
}

/** The model that an attack is given: what its access permits and nothing else. */
export function modelFor(access: Access, service: Service): DecisionModel | ScoreModel | WhiteBoxModel {
  const decision = decisionModel(service);
  if (access === 'decision') return Object.freeze(decision);
  const score: ScoreModel = { ...decision, ...scores(service) };
  if (access === 'score') return Object.freeze(score);
  return Object.freeze({ ...score, ...gradients(service) });
}

function decisionModel(service: Service): DecisionModel {
  const { classes, input } = service.classifier;
  return {
    classes,
    input: { ...input },
    labels: async (images) => argmax(await query(service, images), classes),
  };
}

function scores(service: Service): Pick<ScoreModel, 'logits' | 'probabilities'> {
  const { tf, classifier } = service;
  const asTensor = (values: Float32Array): Tensor2D =>
    tf.tensor2d(values, [values.length / classifier.classes, classifier.classes]);
  return {
    logits: async (images) => asTensor(await query(service, images)),
    probabilities: async (images) =>
      asTensor(Float32Array.from(softmaxRows(await query(service, images), classifier.classes))),
  };
}

async function query(service: Service, images: Tensor4D): Promise<Float32Array> {
  const { classifier, signal, spent } = service;
  const batch = batchOf(images);
  const logits = await classifier.logits(batch, { signal });
  spent.queries += batch.count;
  return logits;
}

function gradients(service: Service): Pick<WhiteBoxModel, 'gradient' | 'backward'> {
  return {
    gradient: (images, criterion, objective) => climb(service, images, criterion, objective),
    backward: (images, cotangent) => pullToImages(service, images, cotangent),
  };
}

/** The gradient to climb. A loss that success makes smaller is turned round, so that no attack asks which it is. */
async function climb(
  service: Service,
  images: Tensor4D,
  criterion: Criterion,
  objective: Objective = { kind: 'cross-entropy' },
): Promise<Gradient> {
  const { tf, classifier } = service;
  if (objective.kind === 'function') return climbFunction(service, images, objective.of);
  const targeted = criterion.kind === 'targeted';
  const request = { images: batchOf(images), labels: classesOf(criterion), targeted, loss: objective };
  const { gradients, losses, logits } = await ask(service, request);
  // Only the cross-entropy with the true label grows towards success; every other loss falls.
  if (targeted || objective.kind !== 'cross-entropy') {
    negate(gradients);
    negate(losses);
  }
  return {
    gradient: imagesOf(tf, gradients, images.shape),
    objective: tf.tensor1d(losses),
    logits: tf.tensor2d(logits, [images.shape[0], classifier.classes]),
  };
}

/** The logits first, then the function's slope at them pulled back through the model. */
async function climbFunction(service: Service, images: Tensor4D, of: ObjectiveFunction): Promise<Gradient> {
  const { tf, classifier } = service;
  const values = await query(service, images);
  const logits = tf.tensor2d(values, [images.shape[0], classifier.classes]);
  const { objective, cotangent } = slopeOf(tf, of, logits);
  const gradient = await pullToImages(service, images, cotangent);
  cotangent.dispose();
  return { gradient, objective, logits };
}

async function pullToImages(service: Service, images: Tensor4D, cotangent: Tensor2D): Promise<Tensor4D> {
  const batch = batchOf(images);
  const { gradients } = await ask(service, {
    images: batch,
    labels: new Int32Array(batch.count),
    loss: { kind: 'cotangent' },
    cotangent: new Float32Array(valuesOf(cotangent)),
  });
  return imagesOf(service.tf, gradients, images.shape);
}

async function ask(
  { classifier, signal, spent }: Service,
  request: GradientRequest,
): Promise<GradientResult> {
  const { images, labels } = request;
  if (labels.length !== images.count) {
    const text = `the attack asked for ${images.count} gradients under a criterion of ${labels.length} images`;
    throw new HalftoneError('bad-plugin', text);
  }
  // The sum: an image's gradient must not depend on how many others share its batch.
  const result = await classifier.gradient({ ...request, reduction: 'sum', signal });
  spent.gradients += images.count;
  spent.zeroGradients += countZeros(result.gradients, images.count);
  return result;
}

/** How many images' gradients are zero throughout. Throws `not-finite` for one that isn't a number. */
function countZeros(gradients: Float32Array, count: number): number {
  const size = gradients.length / count;
  let zeros = 0;
  for (let image = 0; image < count; image++) {
    let sum = 0;
    for (let i = image * size; i < (image + 1) * size; i++) sum += Math.abs(gradients[i]!);
    if (!Number.isFinite(sum))
      throw new HalftoneError('not-finite', "the model's gradient holds NaN or infinity");
    if (sum === 0) zeros += 1;
  }
  return zeros;
}

function negate(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = -values[i]!;
}

function batchOf(images: Tensor4D): ImageBatch {
  const [count, height, width, channels] = images.shape;
  return { data: valuesOf(images), count, height, width, channels };
}
