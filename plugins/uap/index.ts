import {
  checkRadius,
  deepFool,
  defaultByNorm,
  defineAttack,
  imageViews,
  labelsOf,
  normParameter,
  permutation,
  project,
  type Random,
  type StepNorm,
  stackImages,
  type TensorFlow,
  type WhiteBoxModel,
} from '@halftone/sdk';

/**
 * Universal adversarial perturbation: image by image, v ← Π(v + Δv), Δv DeepFool's change of x + v where v doesn't fool
 * the model on x yet, pass after pass until v fools all but a share δ of the set. Moosavi-Dezfooli, Fawzi, Fawzi,
 * Frossard (2017), algorithm 1.
 */
export default defineAttack({
  name: 'uap',
  title: 'Universal adversarial perturbation',
  summary: 'One perturbation for all images of the set: it can be printed once and laid over anything.',
  paper: {
    authors: 'Seyed-Mohsen Moosavi-Dezfooli, Alhussein Fawzi, Omar Fawzi, Pascal Frossard',
    title: 'Universal Adversarial Perturbations',
    year: 2017,
    url: 'https://arxiv.org/abs/1610.08401',
  },
  departures: ['Images that wear the perturbation are clipped to [0, 1] before the model sees them.'],
  access: 'white-box',
  criteria: ['untargeted'],
  norm: { parameter: 'norm' },
  budget: 'epsilon',
  scope: 'set',
  parameters: {
    norm: normParameter,
    epsilon: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1000,
      default: defaultByNorm(
        '10/255; for L2 2000/255',
        () => 10 / 255,
        () => 2000 / 255,
      ),
      help: 'Radius of the ball that the perturbation keeps to (ξ). Larger fools more and shows more.',
    },
    delta: {
      type: 'number',
      min: 0,
      max: 1,
      default: 0.2,
      help: 'Share of images that need not be fooled: it ends when the rest is.',
    },
    passes: { type: 'integer', min: 1, max: 10_000, default: 10, help: 'Most passes over the images.' },
    share: {
      type: 'number',
      min: 0,
      max: 1,
      default: 1,
      help: 'Share of the set that the perturbation is made from, drawn at random; the rest wears it unseen.',
    },
    deepfoolSteps: {
      type: 'integer',
      min: 1,
      max: 10_000,
      default: 10,
      help: 'Most DeepFool steps for an image.',
    },
    candidates: {
      type: 'integer',
      min: 2,
      max: 10_000,
      default: 10,
      help: 'Classes that DeepFool looks at.',
    },
    overshoot: { type: 'number', min: 0, max: 10, default: 0.02, help: 'DeepFool’s overshoot.' },
  },
  async run(context) {
    const { tf, images, random, parameters } = context;
    checkRadius(parameters.norm, parameters.epsilon);
    const [, height, width, channels] = images.shape;
    const set: ImageSet = { images: imageViews(images), shape: [height, width, channels] };
    const count = Math.max(1, Math.round(parameters.share * set.images.length));
    const chosen = permutation(set.images.length, random.derive('share')).slice(0, count);
    const learnt = { ...set, images: chosen.map((row) => set.images[row]!) };
    const perturbation = await learn({ ...context, random }, learnt, parameters);
    return stackImages(
      tf,
      set.images.map((image) => wearing(image, perturbation)),
      set.shape,
    );
  },
});

interface ImageSet {
  readonly images: readonly Float32Array[];
  readonly shape: readonly [number, number, number];
}

interface Settings {
  readonly norm: StepNorm;
  readonly epsilon: number;
  readonly delta: number;
  readonly passes: number;
  readonly deepfoolSteps: number;
  readonly candidates: number;
  readonly overshoot: number;
}

interface Context {
  readonly tf: TensorFlow;
  readonly model: WhiteBoxModel;
  readonly random: Random;
  readonly signal: AbortSignal;
  progress(fraction: number): void;
}

/**
 * The perturbation, image by image; DeepFool's changes are the smallest in L2 whatever the ball. What counts as fooled is another class
 * than the clean image's.
 */
async function learn(
  context: Context,
  { images, shape }: ImageSet,
  settings: Settings,
): Promise<Float32Array> {
  const { tf, model, random, signal } = context;
  const { norm, epsilon, passes, deepfoolSteps: steps } = settings;
  const clean = await labelsOf(context, images, shape);
  const perturbation = new Float32Array(shape[0] * shape[1] * shape[2]);
  for (let pass = 0; pass < passes; pass++) {
    for (const [done, row] of permutation(images.length, random.derive(pass)).entries()) {
      const worn = wearing(images[row]!, perturbation);
      const [found] = await deepFool({ tf, model, signal }, [worn], shape, [clean[row]!], {
        ...settings,
        steps,
      });
      // Already fooled, or DeepFool found no way: neither has anything to add.
      if (found!.crossed && found!.image !== worn) add(perturbation, found!.image, worn, { norm, epsilon });
      context.progress((pass + (done + 1) / images.length) / passes);
    }
    const now = await labelsOf(
      context,
      images.map((image) => wearing(image, perturbation)),
      shape,
    );
    const fooled = now.filter((label, row) => label !== clean[row]).length;
    if (fooled >= (1 - settings.delta) * images.length) break;
  }
  return perturbation;
}

function wearing(image: Float32Array, perturbation: Float32Array): Float32Array {
  return image.map((value, i) => Math.min(Math.max(value + perturbation[i]!, 0), 1));
}

/** v ← Π(v + (moved − worn)), in place. */
function add(
  perturbation: Float32Array,
  moved: Float32Array,
  worn: Float32Array,
  { norm, epsilon }: { norm: StepNorm; epsilon: number },
): void {
  for (let i = 0; i < perturbation.length; i++) perturbation[i]! += moved[i]! - worn[i]!;
  perturbation.set(project(norm, perturbation, new Float32Array(perturbation.length), 1, epsilon));
}
