import { defineDefense, type ExampleContext, imagesOf, type Random, signStep, valuesOf } from '@halftone/sdk';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** How the examples are made. */
interface Settings {
  readonly method: 'fgsm' | 'pgd';
  readonly epsilon: number;
  readonly alpha: number;
  readonly stepSize: number;
  readonly steps: number;
}

/**
 * Adversarial training. `fgsm`: J̃ = α J(x, y) + (1 − α) J(x + ε sign ∇ₓJ, y), Goodfellow, Shlens, Szegedy (2015),
 * section 6. `pgd`: the loss at the end of projected gradient ascent from a random point of the ball, Madry et al.
 * (2018), section 2.1. The examples are made anew at every step against the network as it is then.
 */
export default defineDefense({
  type: 'train',
  name: 'adv-train',
  title: 'Adversarial training',
  summary: 'Trains on adversarial examples made in the loop, by one step (fgsm) or by many (pgd).',
  paper: {
    authors: 'Ian J. Goodfellow, Jonathon Shlens, Christian Szegedy',
    title: 'Explaining and Harnessing Adversarial Examples',
    year: 2015,
    url: 'https://arxiv.org/abs/1412.6572',
  },
  departures: [
    'The gradient that makes the examples is of the network in its inference form, without dropout.',
    'Both terms of the mixture share a batch, and its statistics where there is normalisation.',
    'The epoch that is kept is the best on clean validation images, where the recipe keeps some apart.',
  ],
  parameters: {
    method: {
      type: 'choice',
      choices: ['fgsm', 'pgd'],
      default: 'fgsm',
      help: 'One step of ε (Goodfellow et al. 2015), or several with a random start (Madry et al. 2018).',
    },
    epsilon: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: 8 / 255,
      help: 'Largest change of any value (L∞) that the network learns to bear. MNIST: 0.25 or 0.3.',
    },
    alpha: {
      type: 'number',
      min: 0,
      max: 1,
      default: {
        rule: '0.5 for fgsm, 0 for pgd',
        from: ({ method }) => (method === 'pgd' ? 0 : 0.5),
      },
      help: 'Share of the loss on the images as they are. 1 is training without defence.',
    },
    steps: {
      type: 'integer',
      min: 1,
      max: 1000,
      default: 7,
      help: 'Steps of pgd, one gradient each. More make training slower and the network harder to fool.',
    },
    stepSize: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: {
        rule: '2.5·ε / steps, at most 1',
        from: ({ epsilon, steps }) => Math.min(1, (2.5 * (epsilon as number)) / (steps as number)),
      },
      help: 'Length of a step of pgd.',
    },
  },
  async train({ parameters, fit }) {
    await fit({ examples: (context) => mixture(context, parameters as Settings) });
  },
});

/** The images as they are and their adversarial twins, weighted so that the step's loss is the mixture. */
async function mixture(context: ExampleContext, settings: Settings) {
  const { tf, images, labels } = context;
  const { alpha } = settings;
  if (alpha === 1) return { images: images.clone(), labels };
  const twins =
    settings.method === 'fgsm' ? await oneStep(context, settings) : await manySteps(context, settings);
  if (alpha === 0) return { images: twins, labels };
  const both = tf.concat([images, twins], 0);
  twins.dispose();
  const count = labels.length;
  const weights = Float32Array.from({ length: 2 * count }, (_, i) => (i < count ? alpha : 1 - alpha) / count);
  return { images: both, labels: Int32Array.of(...labels, ...labels), weights };
}

async function oneStep(
  { tf, model, images, labels }: ExampleContext,
  { epsilon }: Settings,
): Promise<Tensor4D> {
  const gradient = await model.gradient(images, labels);
  const moved = signStep(tf, { images, gradient, origin: images, alpha: epsilon, epsilon });
  gradient.dispose();
  return moved;
}

async function manySteps(context: ExampleContext, settings: Settings): Promise<Tensor4D> {
  const { tf, model, images, labels, randoms } = context;
  const { epsilon, steps, stepSize } = settings;
  let current = started(context, epsilon, randoms);
  for (let step = 0; step < steps; step++) {
    const gradient = await model.gradient(current, labels);
    const moved = signStep(tf, { images: current, gradient, origin: images, alpha: stepSize, epsilon });
    tf.dispose([gradient, current]);
    current = moved;
  }
  return current;
}

/** A point of the L∞ ball, each value drawn evenly, clipped to [0, 1]. */
function started({ tf, images }: ExampleContext, epsilon: number, randoms: readonly Random[]): Tensor4D {
  const size = images.size / images.shape[0];
  const values = valuesOf(images).map((value, i) => {
    const moved = value + randoms[Math.floor(i / size)]!.uniform(-epsilon, epsilon);
    return Math.min(1, Math.max(0, moved));
  });
  return imagesOf(tf, values, images.shape);
}
