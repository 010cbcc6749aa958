import {
  Adam,
  type Criterion,
  gradientThrough,
  imageViews,
  permutation,
  pickCriterion,
  type Random,
  stackImages,
  type TensorFlow,
  type Transformation,
  throwIfCancelled,
  type WhiteBoxModel,
} from '@halftone/sdk';
import { type ImageForm, type PatchForm, type Placement, paste, pullToPatch } from './placement.ts';

/** The images and the patch that is made for them. */
export interface Scene {
  readonly images: readonly Float32Array[];
  readonly size: ImageForm;
  readonly form: PatchForm;
  /** Side of the patch on an image before it is shrunk, in pixels. */
  readonly side: number;
  /** Largest turn to either side, in degrees. */
  readonly turn: number;
  /** Smallest share of its side at which it is laid. */
  readonly shrink: number;
}

export interface LearnSettings {
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
}

interface Context {
  readonly tf: TensorFlow;
  readonly model: Pick<WhiteBoxModel, 'gradient'>;
  readonly channel: Transformation;
  readonly criterion: Criterion;
  readonly randoms: readonly Random[];
  readonly random: Random;
  readonly signal: AbortSignal;
  progress(fraction: number): void;
}

/** The patch's values, [side, side, channels] in [0, 1]; what its outline leaves out stays grey. */
export async function learnPatch(
  context: Context,
  scene: Scene,
  settings: LearnSettings,
): Promise<Float64Array> {
  const { random, randoms } = context;
  const { images, form } = scene;
  const patch = new Float64Array(form.side ** 2 * form.channels).fill(0.5);
  const adam = new Adam(patch.length, settings);
  const batch = Math.min(settings.batch, images.length);
  let order: number[] = [];
  for (let step = 0; step < settings.steps; step++) {
    throwIfCancelled(context.signal);
    if (order.length < batch) order = permutation(images.length, random.derive(step));
    const rows = order.splice(0, batch);
    const streams = rows.map((row) => randoms[row]!.derive(step));
    const slope = await slopeAt(context, scene, patch, rows, streams);
    adam.descend(patch, slope);
    for (let i = 0; i < patch.length; i++) patch[i] = Math.min(Math.max(patch[i]!, 0), 1);
    context.progress((step + 1) / settings.steps);
  }
  return patch;
}

/** The way down for the patch: minus the mean over some images, each with a placement and a passage of its own. */
async function slopeAt(
  context: Context,
  scene: Scene,
  patch: Float64Array,
  rows: readonly number[],
  streams: readonly Random[],
): Promise<Float64Array> {
  const { size, form } = scene;
  const placements = streams.map((stream) => placementOf(scene, stream));
  const block = layPatch(context.tf, scene, patch, rows, placements);
  const criterion = pickCriterion(context.criterion, rows);
  const passages = streams.map((stream) => stream.derive('channel'));
  const gradient = await gradientThrough({ ...context, criterion }, block, passages).finally(() =>
    block.dispose(),
  );
  const slope = new Float64Array(patch.length);
  for (const [k, cotangent] of imageViews(gradient).entries()) {
    pullToPatch(cotangent, size, slope, form, placements[k]!);
  }
  gradient.dispose();
  return slope.map((value) => -value / rows.length);
}

/** Some of the images with the patch laid over each; the caller disposes of the tensor. */
export function layPatch(
  tf: TensorFlow,
  { images, size, form }: Scene,
  patch: Float64Array,
  rows: readonly number[],
  placements: readonly Placement[],
): ReturnType<typeof stackImages> {
  const worn = rows.map((row, k) => {
    const image = images[row]!.slice();
    paste(image, size, patch, form, placements[k]!);
    return image;
  });
  return stackImages(tf, worn, [size.height, size.width, form.channels]);
}

/** A turn, a scale and a place drawn evenly, such that the whole patch is on the image where it fits. */
export function placementOf({ size, form, side, turn, shrink }: Scene, random: Random): Placement {
  const angle = (random.uniform(-turn, turn) * Math.PI) / 180;
  const shown = side * random.uniform(shrink, 1);
  const corner = Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle));
  const reach = (form.shape === 'disc' ? shown : shown * corner) / 2;
  const along = (length: number) => (2 * reach < length ? random.uniform(reach, length - reach) : length / 2);
  return { x: along(size.width), y: along(size.height), side: shown, angle };
}
