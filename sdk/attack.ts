import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Criterion } from './criterion.ts';
import { HalftoneError } from './errors.ts';
import type { NormName } from './norms.ts';
import { type ParameterSchema, type ParameterValues, parseParameters } from './parameters.ts';
import type { Random } from './random.ts';

/** The library whose tensors plugins compute with; the host picks its backend and hands it in. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');

/** The plugin interface's major version, as a manifest names it. */
export const API_VERSION = 1;

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
 */
export type Objective =
  | { readonly kind: 'cross-entropy'; readonly temperature?: number }
  | { readonly kind: 'margin'; readonly kappa?: number }
  | { readonly kind: 'logit-difference' };

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
}

/** Where an attack was published. */
export interface Paper {
  readonly authors: string;
  readonly title: string;
  readonly year: number;
  readonly url: string;
}

/** What an author states about an attack. */
export interface AttackDefinition<A extends Access, S extends ParameterSchema> {
  /** As on the command line: lower case, digits, hyphens. */
  readonly name: string;
  /** As in a table: `Basic iterative method`. */
  readonly title: string;
  /** One or two sentences: what it does, what it is good for. */
  readonly summary: string;
  readonly paper: Paper;
  /** What differs from the paper; empty for nothing. */
  readonly departures: readonly string[];
  readonly access: A;
  /** Criteria that it can pursue. */
  readonly criteria: readonly Criterion['kind'][];
  /** The norm that it bounds or keeps small. */
  readonly norm: NormName;
  /** The parameter that is the radius of the ball it keeps to; absent for an attack that seeks the smallest change. */
  readonly budget?: keyof S & string;
  readonly parameters: S;
  /**
   * Makes the adversarial images: a new tensor of the images' shape (or `images` itself). The host clips to the
   * ball and to [0, 1], rounds to eight bits and measures; an attack that breaks its own bound is reported.
   */
  run(context: AttackContext<A, S>): Promise<Tensor4D>;
}

/** A defined attack, as a plugin's default export. */
export interface Attack<A extends Access = Access, S extends ParameterSchema = ParameterSchema>
  extends AttackDefinition<A, S> {
  readonly kind: 'attack';
  readonly apiVersion: typeof API_VERSION;
}

/**
 * Defines an attack; the result is a plugin's default export. Checks what it states, so that a slip is found when
 * the plugin loads. Throws `bad-plugin` naming the attack and what is wrong.
 */
export function defineAttack<const A extends Access, const S extends ParameterSchema>(
  definition: AttackDefinition<A, S>,
): Attack<A, S> {
  const fail = (text: string): never => {
    throw new HalftoneError('bad-plugin', `attack '${definition.name}': ${text}`);
  };
  if (!/^[a-z][a-z0-9-]*$/.test(definition.name))
    fail('its name may hold lower-case letters, digits and hyphens');
  if (definition.criteria.length === 0) fail('criteria: it can pursue none');
  const { budget } = definition;
  if (budget !== undefined) {
    const type = definition.parameters[budget]?.type;
    if (type !== 'number' && type !== 'integer')
      fail(`budget: '${budget}' is not a number among its parameters`);
  }
  for (const [name, parameter] of Object.entries(definition.parameters)) {
    if (parameter.help === '') fail(`parameters.${name}: has no help`);
  }
  try {
    parseParameters(definition.parameters, plainDefaults(definition.parameters), 'defaults');
  } catch (error) {
    fail((error as Error).message);
  }
  return Object.freeze({ ...definition, kind: 'attack', apiVersion: API_VERSION });
}

function plainDefaults(schema: ParameterSchema): Record<string, unknown> {
  const plain = Object.entries(schema).filter(([, parameter]) => typeof parameter.default !== 'object');
  return Object.fromEntries(plain.map(([name, parameter]) => [name, parameter.default]));
}

/** Throws `cancelled` once the signal says so; for loops that ask the model nothing for a while. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
}
