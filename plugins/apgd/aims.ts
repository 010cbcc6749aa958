import {
  type Ask,
  askGradients,
  type Criterion,
  type GradientAnswer,
  imageViews,
  stackImages,
  type TensorFlow,
  valuesOf,
  type WhiteBoxModel,
} from '@halftone/sdk';
import { dlr, targetedDlr } from './dlr.ts';

/**
 * What an image's ascent raises just now. `cross-entropy` under the run's own criterion; the ratios with the label, or
 * towards a target (with the label behind it, where there is one).
 */
export type Aim =
  | { readonly loss: 'cross-entropy' }
  | { readonly loss: 'dlr'; readonly label: number }
  | { readonly loss: 'dlr-targeted'; readonly label: number | undefined; readonly target: number };

type Images = Parameters<Ask<GradientAnswer>>[0];

interface Context {
  readonly tf: TensorFlow;
  readonly model: WhiteBoxModel;
  readonly criterion: Criterion;
}

/**
 * Asks for the gradient of what each image aims at, `aims[image]`; one image a block. The cross-entropy costs one
 * gradient, the ratios a query and a gradient: their slope depends on the logits.
 */
export function askAims(context: Context, aims: readonly Aim[]): Ask<GradientAnswer> {
  const { tf } = context;
  const fused = askGradients(context);
  const ask = (images: Images, owners: readonly number[]) =>
    askRatios(
      context,
      images,
      owners.map((owner) => aims[owner]!),
    );
  return async (images, owners, counts) => {
    const ratios = owners.map((owner) => aims[owner]!.loss !== 'cross-entropy');
    if (!ratios.includes(true)) return fused(images, owners, counts);
    if (!ratios.includes(false)) return ask(images, owners);
    const answers: GradientAnswer[] = new Array(owners.length);
    const views = imageViews(images);
    for (const ratio of [false, true]) {
      const rows = [...owners.keys()].filter((row) => ratios[row] === ratio);
      const some = rows.map((row) => owners[row]!);
      const values = rows.map((row) => views[row]!);
      const block = stackImages(tf, values, images.shape.slice(1) as [number, number, number]);
      try {
        const found = await (ratio ? ask(block, some) : fused(block, some, Array(some.length).fill(1)));
        for (const [k, row] of rows.entries()) answers[row] = found[k]!;
      } finally {
        block.dispose();
      }
    }
    return answers;
  };
}

async function askRatios(
  { tf, model }: Context,
  images: Images,
  aims: readonly Aim[],
): Promise<GradientAnswer[]> {
  const { classes } = model;
  const logits = await model.logits(images);
  const z = valuesOf(logits);
  logits.dispose();
  const slopes = new Float32Array(z.length);
  const found = aims.map((aim, row) => {
    const own = z.subarray(row * classes, (row + 1) * classes);
    const { value, slope } = ratioOf(aim, own);
    slopes.set(slope, row * classes);
    return { objective: Float32Array.of(value), logits: own };
  });
  const cotangent = tf.tensor2d(slopes, [aims.length, classes]);
  try {
    const gradient = await model.backward(images, cotangent);
    const views = imageViews(gradient);
    gradient.dispose();
    return found.map((one, row) => ({ ...one, gradient: views[row]! }));
  } finally {
    cotangent.dispose();
  }
}

function ratioOf(aim: Aim, z: Float32Array): ReturnType<typeof dlr> {
  if (aim.loss === 'dlr') return dlr(z, aim.label);
  if (aim.loss === 'dlr-targeted') return targetedDlr(z, aim.label, aim.target);
  throw new Error('the cross-entropy is no ratio');
}
