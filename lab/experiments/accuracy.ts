import { HalftoneError, throwIfCancelled } from '@halftone/sdk';
import { firstNotFinite } from '../data/batch.ts';
import type { ImageSource } from '../data/source.ts';
import { checkLabels } from '../runtime/checks.ts';
import type { Classifier, ImageBatch } from '../runtime/classifier-types.ts';
import { argmax, ranks, softmaxRows } from '../runtime/scores.ts';
import { type Proportion, proportion, summarize } from './metrics.ts';

/** How a classifier did on a set of images. */
export interface Accuracy {
  readonly top1: Proportion;
  /** The label among the five largest logits (of fewer classes: always). */
  readonly top5: Proportion;
  /** Mean softmax probability of the predicted class over the misclassified images; null without any. */
  readonly errorConfidence: number | null;
  /** Predicted class of each image. */
  readonly predictions: readonly number[];
}

/** A classifier and the images to measure it on. */
export interface AccuracyRequest {
  readonly classifier: Classifier;
  readonly source: ImageSource;
  /** Images at once. */
  readonly batch: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * How a classifier does on images as they are. The next batch is read while one is classified.
 * Throws `bad-labels`, `not-finite`, `cancelled`, and as the source and the classifier do.
 */
export async function measureAccuracy(request: AccuracyRequest): Promise<Accuracy> {
  const { classifier, source, batch, signal } = request;
  checkLabels(source.labels, source.count, classifier.classes);
  const options = signal === undefined ? {} : { signal };
  const scores = new Scores();
  const readFrom = (start: number) => {
    const reading = source.read(start, Math.min(start + batch, source.count), signal);
    // Should the batch before fail first, nobody awaits this one.
    reading.catch(() => {});
    return reading;
  };
  let next = readFrom(0);
  for (let start = 0; start < source.count; start += batch) {
    throwIfCancelled(signal);
    const images = await next;
    const end = start + images.count;
    if (end < source.count) next = readFrom(end);
    const logits = await finiteLogits(classifier, images, options);
    scores.add(logits, classifier.classes, source.labels.subarray(start, end));
    request.onProgress?.(end, source.count);
  }
  return scores.accuracy();
}

/** The model's logits of these images. Throws `not-finite`, and as the classifier does. */
export async function finiteLogits(
  classifier: Classifier,
  images: ImageBatch,
  options: { signal?: AbortSignal },
): Promise<Float32Array> {
  const logits = await classifier.logits(images, options);
  if (firstNotFinite(logits) >= 0)
    throw new HalftoneError('not-finite', "the model's logits hold NaN or infinity");
  return logits;
}

/** What one classifier said of the images so far. */
export class Scores {
  readonly predictions: number[] = [];
  private readonly ranks: number[] = [];
  private readonly errorConfidences: number[] = [];

  add(logits: Float32Array, classes: number, labels: Int32Array): void {
    const predicted = argmax(logits, classes);
    const confidences = softmaxRows(logits, classes);
    for (const [row, rank] of ranks(logits, classes, labels).entries()) {
      const label = predicted[row]!;
      this.predictions.push(label);
      this.ranks.push(rank);
      if (rank > 0) this.errorConfidences.push(confidences[row * classes + label]!);
    }
  }

  right(image: number): boolean {
    return this.ranks[image] === 0;
  }

  accuracy(): Accuracy {
    const { length } = this.ranks;
    const within = (k: number) => proportion(this.ranks.filter((rank) => rank < k).length, length);
    const errors = this.errorConfidences;
    return {
      top1: within(1),
      top5: within(5),
      errorConfidence: errors.length === 0 ? null : summarize(errors).mean,
      predictions: this.predictions,
    };
  }
}
