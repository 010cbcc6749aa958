import {
  type ExampleContext,
  type Examples,
  type FitOptions,
  HalftoneError,
  imagesOf,
  parseParameters,
  type TensorFlow,
  type TrainDefense,
  valuesOf,
} from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { firstNotFinite } from '../data/batch.ts';
import type { DataSet, LabelledBatch } from '../data/sets/types.ts';
import type { Adversary, WeightedBatch } from '../training/adversary.ts';
import type { Recipe } from '../training/recipe.ts';
import { type TrainingResult, type TrainOptions, train } from '../training/train.ts';
import { guarded } from './stages.ts';
import { loadTensors } from './tensors.ts';

/** The recipe with a defence in it, its parameters as used. Throws `bad-argument` for parameters that don't fit. */
export function recipeWith(
  recipe: Recipe,
  defense: TrainDefense,
  given: Readonly<Record<string, unknown>>,
): Recipe {
  const parameters = parseParameters(defense.parameters, given, defense.name);
  return { ...recipe, defense: { name: defense.name, parameters } };
}

/**
 * Trains the network of a recipe that names this defence. Throws as `train` does, and `bad-plugin` for a defence that
 * hands back what can't be learnt from or trains nothing.
 */
export async function trainDefended(
  defense: TrainDefense,
  recipe: Recipe,
  data: DataSet,
  options: Omit<TrainOptions, 'adversary'>,
): Promise<TrainingResult> {
  const { tf } = await loadTensors();
  const signal = options.signal ?? new AbortController().signal;
  const what = `defense '${defense.name}'`;
  const parameters = parseParameters(defense.parameters, recipe.defense?.parameters ?? {}, defense.name);
  let result: TrainingResult | undefined;
  let begun = false;
  const fit = async (fitOptions: FitOptions) => {
    if (begun) throw new HalftoneError('bad-plugin', `${what} called fit twice; it trains one model`);
    begun = true;
    const adversary = adversaryOf(fitOptions, { tf, data, signal, what });
    result = await train(recipe, data, { ...options, adversary });
    return { epochs: result.epoch, accuracy: result.accuracy.share };
  };
  await guarded(what, () => defense.train({ parameters, signal, fit }));
  if (result === undefined) throw new HalftoneError('bad-plugin', `${what} ended without having trained`);
  return result;
}

interface Setting {
  readonly tf: TensorFlow;
  readonly data: DataSet;
  readonly signal: AbortSignal;
  /** Names the defence in errors. */
  readonly what: string;
}

/** What a defence states about examples, as the training loop's hook. */
function adversaryOf({ examples }: FitOptions, { tf, data, signal, what }: Setting): Adversary {
  if (examples === undefined) return async (batch) => batch;
  const input = { height: data.height, width: data.width, channels: data.channels };
  return async (batch, { gradient, random }) => {
    const images = tensorOf(tf, batch);
    const context: ExampleContext = {
      tf,
      images,
      labels: batch.labels,
      model: {
        classes: data.classes.length,
        input,
        async gradient(images, labels) {
          const values = await gradient({ images: batchOf(images), labels });
          return imagesOf(tf, values, images.shape);
        },
      },
      randoms: Array.from(batch.labels, (_, i) => random.derive(i)),
      signal,
    };
    let made: Examples | undefined;
    try {
      made = await guarded(what, async () => examples(context));
      return checked(made, batch, data.classes.length, what);
    } finally {
      if (made?.images !== undefined && made.images !== images) tf.dispose(made.images);
      images.dispose();
    }
  };
}

function tensorOf(tf: TensorFlow, { images }: LabelledBatch): Tensor4D {
  const { data, count, height, width, channels } = images;
  return imagesOf(tf, data, [count, height, width, channels]);
}

function batchOf(images: Tensor4D): LabelledBatch['images'] {
  const [count, height, width, channels] = images.shape;
  return { data: valuesOf(images), count, height, width, channels };
}

/** The examples as a batch of their own memory. Throws `bad-plugin` for what can't be learnt from. */
function checked(made: Examples, batch: LabelledBatch, classes: number, what: string): WeightedBatch {
  const fail = (text: string): never => {
    throw new HalftoneError('bad-plugin', `${what} ${text}`);
  };
  const { images, labels, weights } = made;
  const [count, ...size] = images.shape;
  const { height, width, channels } = batch.images;
  if (size.join() !== [height, width, channels].join()) fail(`made examples of ${size.join('×')}`);
  if (labels.length !== count) fail(`made ${count} examples with ${labels.length} labels`);
  if (weights !== undefined && weights.length !== count)
    fail(`made ${count} examples with ${weights.length} weights`);
  const wrong = labels.find((label) => !(label >= 0 && label < classes));
  if (wrong !== undefined) fail(`made an example of class ${wrong}`);
  const values = batchOf(images);
  if (firstNotFinite(values.data) >= 0) fail('made an example that holds NaN or infinity');
  return {
    images: { ...values, data: new Float32Array(values.data) },
    labels: Int32Array.from(labels),
    ...(weights === undefined ? {} : { weights }),
  };
}
