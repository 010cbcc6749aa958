import type { Classification, Score } from './api/contract.ts';
import { decodeImage } from './data/images.ts';
import type { Classifier } from './runtime/classifier-types.ts';
import { softmaxRows } from './runtime/scores.ts';

export interface ImageQuestion {
  /** An encoded image. */
  readonly image: Uint8Array;
  /** Its name, for errors. */
  readonly name: string;
  /** How many of the best classes to return. */
  readonly top: number;
}

/**
 * The best classes for one encoded image, brought to the classifier's size (covered, centre kept).
 * Throws `bad-image`, naming the image.
 */
export async function classifyImage(
  classifier: Classifier,
  { image, name, top }: ImageQuestion,
): Promise<Omit<Classification, 'model'>> {
  const { height, width } = classifier.input;
  const levels = await decodeImage(image, classifier.input, name);
  const data = Float32Array.from(levels, (level) => level / 255);
  const logits = await classifier.logits({ ...classifier.input, data, count: 1 });
  const { classes, provider } = classifier;
  return { top: bestClasses(logits, top, labelsOf(classifier)), classes, provider, height, width };
}

function labelsOf({ card }: Classifier): (index: number) => string {
  return (index) => card.classes?.[index]?.name ?? `class ${index}`;
}

/** The classes of the largest logits, best first, with their softmax probabilities; equals by their index. */
export function bestClasses(logits: Float32Array, top: number, label: (index: number) => string): Score[] {
  const shares = softmaxRows(logits, logits.length);
  return [...shares.keys()]
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, top)
    .map((index) => ({ index, label: label(index), confidence: shares[index]! }));
}
