import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ParameterSchema, ParameterValues } from './parameters.ts';
import {
  checkDescribed,
  checkParameters,
  type Defined,
  defined,
  type Published,
  refusal,
  type TensorFlow,
} from './plugin.ts';
import type { Random } from './random.ts';
import type { TransformContext, Transformed } from './transformation.ts';

/** What an author states about a defence that changes images before the model sees them. */
export interface TransformDefenseDefinition<S extends ParameterSchema> extends Published<S> {
  readonly type: 'transform';
  apply(context: TransformContext<S>): Promise<Transformed>;
}

/** What an author states about a defence that trains a model. */
export interface TrainDefenseDefinition<S extends ParameterSchema> extends Published<S> {
  readonly type: 'train';
  /** Trains by calling `fit`, once: what it makes is the defended model. */
  train(context: TrainContext<S>): Promise<void>;
}

/** Images to learn from. */
export interface Examples {
  /** NHWC, float32 in [0, 1]; may be more or fewer than came in. */
  readonly images: Tensor4D;
  /** Class of each. */
  readonly labels: Int32Array;
  /** What each one's loss counts for in the step's; the mean over all by default (1 / count). */
  readonly weights?: Float32Array;
}

/** The network in training, as it is at this step. */
export interface LearningModel {
  readonly classes: number;
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  /** d(cross-entropy with its label)/d(image), in the network's inference form; the caller's to dispose of. */
  gradient(images: Tensor4D, labels: Int32Array): Promise<Tensor4D>;
}

/** What is at hand when a batch is made into what is learnt from. */
export interface ExampleContext {
  readonly tf: TensorFlow;
  readonly model: LearningModel;
  /** The batch that the training data give. The host's: don't dispose of it. */
  readonly images: Tensor4D;
  readonly labels: Int32Array;
  /** One stream an image, other ones at each step. */
  readonly randoms: readonly Random[];
  readonly signal: AbortSignal;
}

/** How a network is trained where it differs from the recipe at hand. */
export interface FitOptions {
  /** Makes of each batch what the network learns from; the host disposes of the images. The batch itself by default. */
  examples?(context: ExampleContext): Promise<Examples>;
}

/** What came of a training. */
export interface Fitted {
  readonly epochs: number;
  /** Share of the test images that the trained model classifies rightly. */
  readonly accuracy: number;
}

/** All that a defence that trains is given. */
export interface TrainContext<S extends ParameterSchema> {
  readonly parameters: ParameterValues<S>;
  readonly signal: AbortSignal;
  /** Trains the network of the recipe that the user chose, from the beginning. */
  fit(options: FitOptions): Promise<Fitted>;
}

/** A defence that changes images, as a plugin's default export. */
export interface TransformDefense<S extends ParameterSchema = ParameterSchema>
  extends TransformDefenseDefinition<S>,
    Defined<'defense'> {}

/** A defence that trains a model, as a plugin's default export. */
export interface TrainDefense<S extends ParameterSchema = ParameterSchema>
  extends TrainDefenseDefinition<S>,
    Defined<'defense'> {}

/** A defined defence. More types may come, such as one that detects: ask for the `type`. */
export type Defense = TransformDefense | TrainDefense;

/** Defines a defence; the result is a plugin's default export. Throws `bad-plugin` saying what is wrong with it. */
export function defineDefense<const S extends ParameterSchema>(
  definition: TransformDefenseDefinition<S>,
): TransformDefense<S>;
export function defineDefense<const S extends ParameterSchema>(
  definition: TrainDefenseDefinition<S>,
): TrainDefense<S>;
export function defineDefense(
  definition: TransformDefenseDefinition<ParameterSchema> | TrainDefenseDefinition<ParameterSchema>,
): Defense {
  const fail = refusal('defense', definition.name);
  checkDescribed(definition, fail);
  checkParameters(definition.parameters, fail);
  const { type } = definition;
  if (type !== 'transform' && type !== 'train')
    fail(`type '${String(type)}'; the types are: transform, train`);
  return defined('defense', definition);
}
