import type { Tensor4D } from '@tensorflow/tfjs-core';
import { throwIfCancelled, type WhiteBoxModel } from './attack.ts';
import type { TensorFlow } from './plugin.ts';
import type { StepNorm } from './steps.ts';
import { imageViews, stackImages, valuesOf } from './values.ts';

export interface DeepFoolSettings {
  /** The norm in which the change is kept small. */
  readonly norm: StepNorm;
  /** Most steps for an image. */
  readonly steps: number;
  /** Classes looked at, the label among them: the likeliest for the image before the attack. 2 or more. */
  readonly candidates: number;
  /** η: the change is stretched by 1 + η, to end beyond the boundary rather than on it. */
  readonly overshoot: number;
}

/** What `deepFool` needs of an attack's context. */
export interface DeepFoolContext {
  readonly tf: TensorFlow;
  readonly model: Pick<WhiteBoxModel, 'classes' | 'logits' | 'backward'>;
  readonly signal: AbortSignal;
  progress?(fraction: number): void;
}

/** Added to every step's length, in [0, 1] units: a step to the very boundary of a linear model would end on it. */
const BEYOND = 1e-4;

/** Pairs of image and class that go to the model in one call where the images are fewer: so many, or values. */
const PAIRS = 64;
const PAIR_VALUES = 2 ** 20;

/** One image on its way. */
interface Walk {
  readonly origin: Float32Array;
  readonly label: number;
  image: Float32Array;
  /** Sum of the steps, before it is stretched. */
  readonly change: Float32Array;
  /** Classes to look at, without the label; set at the first look. */
  rivals: readonly number[];
  logits: Float32Array;
  /** The nearest boundary of this step. */
  nearest: { distance: number; normal: Float32Array } | undefined;
  crossed: boolean;
}

/** Where `deepFool` left an image. */
export interface DeepFoolResult {
  /** A new array, or the image itself where nothing was to do. */
  readonly image: Float32Array;
  /** It was seen to be of another class than its label. The last step's image is not looked at again. */
  readonly crossed: boolean;
}

/**
 * DeepFool: steps onto the nearest boundary between the label and another class, each as if the model were linear,
 * until the class changes. Moosavi-Dezfooli, Fawzi, Frossard (2016), algorithm 2 and, for L∞, equation 13; the change
 * is stretched after each step and clipped to [0, 1] with the image, as in the authors' code.
 *
 * `images` are one block's, each [height, width, channels] as `shape` says; `labels` their classes: an image of
 * another class stays as it is. Each step costs an image one query and `candidates` − 1 gradients; all images that
 * are not done share calls.
 */
export async function deepFool(
  context: DeepFoolContext,
  images: readonly Float32Array[],
  shape: readonly [number, number, number],
  labels: ArrayLike<number>,
  settings: DeepFoolSettings,
): Promise<DeepFoolResult[]> {
  const walks: Walk[] = images.map((origin, row) => ({
    origin,
    label: labels[row]!,
    image: origin,
    change: new Float32Array(origin.length),
    rivals: [],
    logits: new Float32Array(0),
    nearest: undefined,
    crossed: false,
  }));
  let open = walks;
  for (let step = 0; step < settings.steps; step++) {
    throwIfCancelled(context.signal);
    await look(context, open, shape);
    for (const walk of open) walk.crossed = argmax(walk.logits) !== walk.label;
    open = open.filter(({ crossed }) => !crossed);
    if (open.length === 0) break;
    if (step === 0) for (const walk of open) walk.rivals = rivalsOf(walk, settings.candidates);
    await findNearest(context, open, shape, settings.norm);
    // Where no class has a slope there is nowhere to go.
    open = open.filter(({ nearest }) => nearest !== undefined);
    for (const walk of open) advance(walk, settings);
    context.progress?.((step + 1) / settings.steps);
  }
  return walks.map(({ image, crossed }) => ({ image, crossed }));
}

async function look(
  { tf, model }: DeepFoolContext,
  open: readonly Walk[],
  shape: readonly [number, number, number],
): Promise<void> {
  const images = stackImages(
    tf,
    open.map(({ image }) => image),
    shape,
  );
  try {
    const logits = await model.logits(images);
    const values = valuesOf(logits);
    logits.dispose();
    for (const [row, walk] of open.entries()) {
      walk.logits = values.subarray(row * model.classes, (row + 1) * model.classes);
    }
  } finally {
    images.dispose();
  }
}

function rivalsOf({ logits, label }: Walk, candidates: number): number[] {
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return order.filter((k) => k !== label).slice(0, candidates - 1);
}

/** For each image the boundary that is nearest if the model is taken for linear: every pair of image and rival. */
async function findNearest(
  context: DeepFoolContext,
  open: readonly Walk[],
  shape: readonly [number, number, number],
  norm: StepNorm,
): Promise<void> {
  const pairs = open.flatMap((walk) => walk.rivals.map((rival) => ({ walk, rival })));
  for (const walk of open) walk.nearest = undefined;
  const size = shape[0] * shape[1] * shape[2];
  const portion = Math.max(open.length, Math.min(PAIRS, Math.floor(PAIR_VALUES / size)));
  for (let start = 0; start < pairs.length; start += portion) {
    const part = pairs.slice(start, start + portion);
    const slopes = await slopesOf(context, part, shape);
    const normals = imageViews(slopes);
    slopes.dispose();
    for (const [row, { walk, rival }] of part.entries()) {
      const normal = normals[row]!;
      const gap = Math.abs(walk.logits[rival]! - walk.logits[walk.label]!);
      const distance = gap / dualLength(normal, norm);
      if (distance < (walk.nearest?.distance ?? Number.POSITIVE_INFINITY)) {
        walk.nearest = { distance, normal: normal.slice() };
      }
    }
  }
}

/** The gradient of Z_rival − Z_label for each pair. */
async function slopesOf(
  { tf, model }: DeepFoolContext,
  pairs: readonly { walk: Walk; rival: number }[],
  shape: readonly [number, number, number],
): Promise<Tensor4D> {
  const images = stackImages(
    tf,
    pairs.map(({ walk }) => walk.image),
    shape,
  );
  const ones = new Float32Array(pairs.length * model.classes);
  for (const [row, { walk, rival }] of pairs.entries()) {
    ones[row * model.classes + rival] = 1;
    ones[row * model.classes + walk.label] = -1;
  }
  const cotangent = tf.tensor2d(ones, [pairs.length, model.classes]);
  try {
    return await model.backward(images, cotangent);
  } finally {
    tf.dispose([images, cotangent]);
  }
}

/** The norm that measures slopes when steps are measured in `norm`: L2 for L2, L1 for L∞. */
function dualLength(normal: Float32Array, norm: StepNorm): number {
  let sum = 0;
  for (let i = 0; i < normal.length; i++) sum += norm === 'l2' ? normal[i]! ** 2 : Math.abs(normal[i]!);
  return norm === 'l2' ? Math.sqrt(sum) : sum;
}

function advance(walk: Walk, { norm, overshoot }: DeepFoolSettings): void {
  const { change, origin } = walk;
  const { distance, normal } = walk.nearest!;
  const length = distance + BEYOND;
  const scale = norm === 'l2' ? length / dualLength(normal, 'l2') : length;
  const image = new Float32Array(origin.length);
  for (let i = 0; i < image.length; i++) {
    change[i]! += scale * (norm === 'l2' ? normal[i]! : Math.sign(normal[i]!));
    image[i] = Math.min(Math.max(origin[i]! + (1 + overshoot) * change[i]!, 0), 1);
  }
  walk.image = image;
}

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
