import type { DecisionModel } from './attack.ts';
import type { TensorFlow } from './plugin.ts';
import type { Random } from './random.ts';
import { stackImages } from './values.ts';

/** Values of 8 images of 224×224 RGB, and the most images however small. */
const PORTION_VALUES = 8 * 224 * 224 * 3;
const PORTION_IMAGES = 256;

/** How many images of so many values an attack of scope `set` asks the model about at once. */
export function portionSize(valuesPerImage: number): number {
  return Math.min(PORTION_IMAGES, Math.max(1, Math.floor(PORTION_VALUES / valuesPerImage)));
}

/** The predicted class of each image, asked for in portions: for attacks of scope `set`. */
export async function labelsOf(
  { tf, model }: { tf: TensorFlow; model: Pick<DecisionModel, 'labels'> },
  images: readonly Float32Array[],
  shape: readonly [number, number, number],
): Promise<Int32Array> {
  const labels = new Int32Array(images.length);
  const portion = portionSize(shape[0] * shape[1] * shape[2]);
  for (let start = 0; start < images.length; start += portion) {
    const block = stackImages(tf, images.slice(start, start + portion), shape);
    try {
      labels.set(await model.labels(block), start);
    } finally {
      block.dispose();
    }
  }
  return labels;
}

/** The numbers below `count` in an order drawn evenly: Fisher and Yates, as Durstenfeld (1964) has it. */
export function permutation(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
