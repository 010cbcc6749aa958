import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Criterion } from './criterion.ts';
import { HalftoneError } from './errors.ts';
import { isNormName, type NormName } from './norms.ts';
import type { ParameterSchema, ParameterValues } from './parameters.ts';
import {
  checkDescribed,
  checkParameters,
  type Defined,
  defined,
  type Paper,
  type Published,
  refusal,
  type TensorFlow,
} from './plugin.ts';
import type { Random } from './random.ts';
import type { Transformation } from './transformation.ts';

/**
 * What an attack needs of the model. `white-box`: gradients, and all below. `score`: logits and probabilities,
 * and all below. `decision`: the predicted class alone.
 */
export type Access = 'white-box' | 'score' | 'decision';

/**
 * A number that an attack wants larger, from the logits Z of an image.
 * - `cross-entropy`: with the label (of softmax(Z / temperature)); towards a target, its negative.
 * - `margin`: the negative of Carlini and Wagner's (2017) f: largest when the wanted class leads by `kappa`.
 * - `logit-difference`: the margin with no clamp.
 * - `function`: whatever the attack states in TensorFlow.js, one number an image, from all their logits
 *   [count, classes]; the criterion is its own affair. The others run in one pass with the model; this one asks for
 *   the logits first, which counts as a query.
 */
export type Objective =
  | { readonly kind: 'cross-entropy'; readonly temperature?: number }
  | { readonly kind: 'margin'; readonly kappa?: number }
  | { readonly kind: 'logit-difference' }
  | { readonly kind: 'function'; readonly of: ObjectiveFunction };

/** [count, classes] to [count]; made of TensorFlow.js operations that have gradients. */
export type ObjectiveFunction = (logits: Tensor2D, tf: TensorFlow) => Tensor1D;

/** A model of which one sees the decision. Every image asked about counts as one query. */
export interface DecisionModel {
  /** Number of classes. */
  readonly classes: number;
  /** Size of an image. */
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  /** Predicted class of each image; NHWC in [0, 1]. */
  labels(images: Tensor4D): Promise<Int32Array>;
}

/** A model of which one sees the scores. */
export interface ScoreModel extends DecisionModel {
  /** [count, classes]. The caller disposes of the tensor. */
  logits(images: Tensor4D): Promise<Tensor2D>;
  /** softmax of the logits. The caller disposes of the tensor. */
  probabilities(images: Tensor4D): Promise<Tensor2D>;
}

/** What a model answers to a question for its gradient; the caller disposes of the tensors. */
export interface Gradient {
  /** d(objective)/d(image): climbing it brings success nearer, targeted or not. Shape of the images. */
  readonly gradient: Tensor4D;
  /** The objective of each image. */
  readonly objective: Tensor1D;
  /** [count, classes]. */
  readonly logits: Tensor2D;
}

/** A model of which one sees everything. Every image asked about counts as one gradient. */
export interface WhiteBoxModel extends ScoreModel {
  /** The gradient of the objective under the criterion; cross-entropy by default. */
  gradient(images: Tensor4D, criterion: Criterion, objective?: Objective): Promise<Gradient>;
  /**
   * d(Σ logits · cotangent)/d(images), for an objective that the plugin states itself.
   * `cotangent` is [count, classes]; the result has the images' shape and is the caller's to dispose of.
   */
  backward(images: Tensor4D, cotangent: Tensor2D): Promise<Tensor4D>;
}

/** The model that goes with an access. */
export type ModelFor<A extends Access> = A extends 'white-box'
  ? WhiteBoxModel
  : A extends 'score'
    ? ScoreModel
    : DecisionModel;

/** All that an attack is given for one batch of images. */
export interface AttackContext<A extends Access, S extends ParameterSchema> {
  readonly tf: TensorFlow;
  readonly model: ModelFor<A>;
  /** NHWC, RGB (or one grey channel), float32 in [0, 1]. The host's: don't dispose of it. */
  readonly images: Tensor4D;
  /** What counts as success, one entry an image. */
  readonly criterion: Criterion;
  readonly parameters: ParameterValues<S>;
  /** One stream an image; an image's stream doesn't depend on the batch it comes in. */
  readonly randoms: readonly Random[];
  /** A stream for what the whole run shares, the same in every batch. */
  readonly random: Random;
  readonly signal: AbortSignal;
  /** How much of this batch is done, 0 to 1. */
  progress(fraction: number): void;
  /** Shows the images as they are now, all of the batch, to whoever watches; they stay the caller's. */
  report(images: Tensor4D): void;
  /**
   * The channel that the user chose, for an attack that declares `needs: ['channel']`; without that it throws.
   * Streams decide the draws: derive other ones (`randoms[i].derive(step)`) for another passage.
   */
  readonly channel: Transformation;
}

/** What an author states about an attack. */
export interface AttackDefinition<A extends Access, S extends ParameterSchema> extends Published<S> {
  readonly paper: Paper;
  readonly access: A;
  /** What it can't do without beside the model: a `channel`, which the user chooses. */
  readonly needs?: readonly 'channel'[];
  /** Criteria that it can pursue. */
  readonly criteria: readonly Criterion['kind'][];
  /** The norm that it bounds or keeps small; or the choice parameter, of names of norms, that says which. */
  readonly norm: NormName | { readonly parameter: string };
  /** The parameter that is the radius of the ball it keeps to; absent for an attack that seeks the smallest change. */
  readonly budget?: keyof S & string;
  /**
   * `image` (default): an image's result depends on that image alone, and the host cuts the set into batches. `set`:
   * what is made for one depends on the others (a perturbation for all), so the host hands over the whole set at once.
   */
  readonly scope?: 'image' | 'set';
  /**
   * Makes the adversarial images: a new tensor of the images' shape (or `images` itself). The host clips to the
   * ball and to [0, 1], rounds to eight bits and measures; an attack that breaks its own bound is reported.
   */
  run(context: AttackContext<A, S>): Promise<Tensor4D>;
}

/** A defined attack, as a plugin's default export. */
export interface Attack<A extends Access = Access, S extends ParameterSchema = ParameterSchema>
  extends AttackDefinition<A, S>,
    Defined<'attack'> {}

/**
 * Defines an attack; the result is a plugin's default export. Checks what it states, so that a slip is found when
 * the plugin loads. Throws `bad-plugin` naming the attack and what is wrong.
 */
export function defineAttack<const A extends Access, const S extends ParameterSchema>(
  definition: AttackDefinition<A, S>,
): Attack<A, S> {
  const fail = refusal('attack', definition.name);
  checkDescribed(definition, fail);
  if (definition.criteria.length === 0) fail('criteria: it can pursue none');
  const { budget, norm, parameters } = definition;
  if (typeof norm !== 'string') {
    const chooser = parameters[norm.parameter];
    if (chooser?.type !== 'choice' || !chooser.choices.every(isNormName))
      fail(`norm: '${norm.parameter}' is not a choice of norms among its parameters`);
  }
  if (budget !== undefined) {
    const type = parameters[budget]?.type;
    if (type !== 'number' && type !== 'integer')
      fail(`budget: '${budget}' is not a number among its parameters`);
  }
  checkParameters(parameters, fail);
  return defined('attack', definition);
}

/** The norm that an attack keeps to with these parameters. */
export function normOf(attack: Pick<Attack, 'norm'>, parameters: ParameterValues<ParameterSchema>): NormName {
  return typeof attack.norm === 'string' ? attack.norm : (parameters[attack.norm.parameter] as NormName);
}

/** Throws `cancelled` once the signal says so; for loops that ask the model nothing for a while. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
}
