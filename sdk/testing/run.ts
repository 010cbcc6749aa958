import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Access, Attack, AttackContext, ModelFor } from '../attack.ts';
import type { Criterion } from '../criterion.ts';
import { type ParameterSchema, parseParameters } from '../parameters.ts';
import type { TensorFlow } from '../plugin.ts';
import { seeded } from '../random.ts';
import type { TransformContext, Transformed } from '../transformation.ts';
import { imagesOf, valuesOf } from '../values.ts';
import type { LinearModel, Spent } from './linear-model.ts';

/** An attack on a few images. */
export interface AttackTest {
  readonly model: LinearModel;
  /** NHWC, of the model's size, in [0, 1]. */
  readonly images: Float32Array;
  readonly criterion: Criterion;
  /** As a user would give them; defaults are filled in. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
}

/** What an attack made, as it handed it back: the lab would clip and round it. */
export interface AttackRun {
  readonly values: Float32Array;
  /** Classes of the images that it made. */
  readonly labels: Int32Array;
  readonly spent: Spent;
}

/** Runs an attack as the lab would, in one batch. Throws what it throws. */
export async function runAttack<A extends Access, S extends ParameterSchema>(
  attack: Attack<A, S>,
  { model, images, criterion, parameters = {}, seed = 0 }: AttackTest,
): Promise<AttackRun> {
  const tf = await tensors();
  const { height, width, channels } = model.input;
  const count = images.length / (height * width * channels);
  const whole = model.with(tf);
  const random = seeded(seed).derive(attack.name);
  const input = imagesOf(tf, images, [count, height, width, channels]);
  const context: AttackContext<A, S> = {
    tf,
    model: offered(whole, attack.access) as ModelFor<A>,
    images: input,
    criterion,
    parameters: parseParameters(attack.parameters, parameters, attack.name),
    random: random.derive('run'),
    randoms: Array.from({ length: count }, (_, i) => random.derive(i)),
    signal: new AbortController().signal,
    progress: () => {},
    report: () => {},
    channel: async (given) => ({ images: given.clone() as Tensor4D }),
  };
  const made = await attack.run(context);
  const values = new Float32Array(valuesOf(made));
  const { queries, gradients } = model.spent;
  return { values, labels: await whole.labels(made), spent: { queries, gradients } };
}

function offered(model: ModelFor<'white-box'>, access: Access): object {
  const { classes, input, labels, logits, probabilities, gradient, backward } = model;
  if (access === 'decision') return { classes, input, labels };
  const score = { classes, input, labels, logits, probabilities };
  return access === 'score' ? score : { ...score, gradient, backward };
}

/** A few images to put through a channel, or a defence that transforms. */
export interface TransformTest {
  readonly images: Float32Array;
  /** [count, height, width, channels]. */
  readonly shape: readonly [number, number, number, number];
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  /** Pulled back through what was done, where it is given. */
  readonly cotangent?: Float32Array;
}

export interface AppliedTransform {
  readonly values: Float32Array;
  /** The cotangent at the input; the cotangent itself where the plugin states no pullback. */
  readonly pulled?: Float32Array;
}

/** Puts images through a channel, or a defence that transforms, as the lab would. Throws what it throws. */
export async function applyTransform<S extends ParameterSchema>(
  plugin: {
    readonly name: string;
    readonly parameters: S;
    apply(context: TransformContext<S>): Promise<Transformed>;
  },
  { images, shape, parameters = {}, seed = 0, cotangent }: TransformTest,
): Promise<AppliedTransform> {
  const tf = await tensors();
  const random = seeded(seed).derive(plugin.name);
  const transformed = await plugin.apply({
    tf,
    images: imagesOf(tf, images, [...shape]),
    parameters: parseParameters(plugin.parameters, parameters, plugin.name),
    randoms: Array.from({ length: shape[0] }, (_, i) => random.derive(i)),
    signal: new AbortController().signal,
  });
  const values = new Float32Array(valuesOf(transformed.images));
  if (cotangent === undefined) return { values };
  const { pullback } = transformed;
  if (pullback === undefined) return { values, pulled: cotangent };
  const pulled = await pullback(imagesOf(tf, cotangent, [...shape]));
  return { values, pulled: new Float32Array(valuesOf(pulled)) };
}

let loading: Promise<TensorFlow> | undefined;

/** TensorFlow.js on plain JavaScript: the same numbers everywhere. */
export function tensors(): Promise<TensorFlow> {
  loading ??= load();
  return loading;
}

async function load(): Promise<TensorFlow> {
  const module = (await import('@tensorflow/tfjs-core')) as TensorFlow & { default?: TensorFlow };
  // Node sees a CommonJS package's exports under `default`, bundlers see them by name.
  const tf = module.default ?? module;
  // The backend prints an advertisement otherwise.
  tf.env().set('PROD', true);
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  await tf.ready();
  return tf;
}
