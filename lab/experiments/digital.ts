import { type Attack, distances, type NormName, targeted, throwIfCancelled, untargeted } from '@halftone/sdk';
import type { ImageSource } from '../data/source.ts';
import type { Violation } from '../registry/attack-bounds.ts';
import { checkCriterion, defaultBatch, runAttack } from '../registry/attack-host.ts';
import type { Spent } from '../registry/attack-model.ts';
import { checkLabels } from '../runtime/checks.ts';
import type { Classifier, ImageBatch } from '../runtime/classifier-types.ts';
import { type Accuracy, finiteLogits, Scores } from './accuracy.ts';
import { type Proportion, proportion, type Summary, summarize } from './metrics.ts';

/** One attack on one set of images, measured without print or camera. */
export interface DigitalRequest {
  readonly attack: Attack;
  readonly classifier: Classifier;
  readonly source: ImageSource;
  /** Wanted classes, one an image; without them any class but the label is success. */
  readonly targets?: Int32Array;
  /** As given by the user. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  /** Images at once. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Takes each batch when it is measured: to write its images, say. The next one waits for it. */
  readonly onBatch?: (batch: DigitalBatch) => Promise<void> | void;
}

export interface DigitalBatch {
  /** Number of its first image in the set. */
  readonly start: number;
  readonly images: ImageBatch;
  readonly raw: ImageBatch;
  readonly rounded: ImageBatch;
}

export interface DigitalResult {
  readonly count: number;
  /** The parameters as used, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly clean: Accuracy;
  /** Of the images rounded to eight bits. */
  readonly adversarial: Accuracy;
  /** Images classified as their target; absent from untargeted runs. */
  readonly targetHits?: Proportion;
  /** Images classified rightly before the attack and wrongly after it, of those classified rightly before. */
  readonly fooled: Proportion;
  /** Distances of the rounded images from the images before the attack, in [0, 1] units (L0: values changed). */
  readonly norms: Readonly<Record<MeasuredNorm, Summary>>;
  readonly spent: Spent;
  readonly violations: readonly Violation[];
  /** Wall time of attack and measurement together, with decoding. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** What may mislead in these numbers. */
  readonly warnings: readonly string[];
}

export type MeasuredNorm = Extract<NormName, 'linf' | 'l2' | 'l0'>;

const measuredNorms: readonly MeasuredNorm[] = ['linf', 'l2', 'l0'];

/**
 * Attacks a set of images batch by batch and measures the classifier on the images before and after.
 * The next batch is decoded while one is attacked. Throws as `runAttack` and as the source does.
 */
export async function runDigital(request: DigitalRequest): Promise<DigitalResult> {
  const { classifier, source, signal } = request;
  const started = performance.now();
  checkLabels(source.labels, source.count, classifier.classes);
  const criterion = request.targets === undefined ? untargeted(source.labels) : targeted(request.targets);
  checkCriterion(request.attack, criterion, classifier.classes, source.count);
  const batch = request.batch ?? defaultBatch(classifier.input);
  const tally = new Tally(classifier.classes);
  let next = read(source, 0, batch, signal);
  for (let start = 0; start < source.count; start += batch) {
    throwIfCancelled(signal);
    const images = await next;
    if (start + batch < source.count) next = read(source, start + batch, batch, signal);
    await attackBatch(request, { start, images, tally });
  }
  return tally.result(request, (performance.now() - started) / 1000);
}

function read(source: ImageSource, start: number, batch: number, signal?: AbortSignal): Promise<ImageBatch> {
  const reading = source.read(start, Math.min(start + batch, source.count), signal);
  // When the attack fails first nobody awaits this; its own failure must not end the process then.
  reading.catch(() => {});
  return reading;
}

interface Step {
  readonly start: number;
  readonly images: ImageBatch;
  readonly tally: Tally;
}

async function attackBatch(request: DigitalRequest, { start, images, tally }: Step): Promise<void> {
  const { attack, classifier, source, targets, onProgress } = request;
  const end = start + images.count;
  const labels = source.labels.subarray(start, end);
  const signal = request.signal === undefined ? {} : { signal: request.signal };
  const clean = await finiteLogits(classifier, images, signal);
  const outcome = await runAttack({
    attack,
    classifier,
    images,
    criterion: targets === undefined ? untargeted(labels) : targeted(targets.subarray(start, end)),
    parameters: request.parameters,
    batch: images.count,
    first: start,
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...signal,
    onProgress: (done) => onProgress?.(start + done, source.count),
  });
  const { raw, rounded } = outcome;
  const adversarial = await finiteLogits(classifier, rounded, signal);
  tally.add({ labels, clean, adversarial, images, rounded, outcome });
  await request.onBatch?.({ start, images, raw, rounded });
  onProgress?.(end, source.count);
}

interface Measured {
  readonly labels: Int32Array;
  readonly clean: Float32Array;
  readonly adversarial: Float32Array;
  readonly images: ImageBatch;
  readonly rounded: ImageBatch;
  readonly outcome: Awaited<ReturnType<typeof runAttack>>;
}

/** Adds up the batches of a run. */
class Tally {
  private readonly classes: number;
  private readonly clean = new Scores();
  private readonly adversarial = new Scores();
  private readonly norms: Record<MeasuredNorm, number[]> = { linf: [], l2: [], l0: [] };
  private readonly spent: Spent = { queries: 0, gradients: 0, zeroGradients: 0 };
  private readonly violations: Violation[] = [];
  private parameters: Readonly<Record<string, unknown>> = {};

  constructor(classes: number) {
    this.classes = classes;
  }

  add({ labels, clean, adversarial, images, rounded, outcome }: Measured): void {
    this.clean.add(clean, this.classes, labels);
    this.adversarial.add(adversarial, this.classes, labels);
    for (const norm of measuredNorms) {
      this.norms[norm].push(...distances(norm, rounded.data, images.data, images.count));
    }
    this.spent.queries += outcome.spent.queries;
    this.spent.gradients += outcome.spent.gradients;
    this.spent.zeroGradients += outcome.spent.zeroGradients;
    this.violations.push(...outcome.violations);
    this.parameters = outcome.parameters;
  }

  result({ source, targets }: DigitalRequest, seconds: number): DigitalResult {
    const { predictions } = this.adversarial;
    const before = predictions.map((_, image) => this.clean.right(image));
    const fooled = before.filter((right, image) => right && !this.adversarial.right(image)).length;
    const hits = predictions.filter((label, image) => label === targets?.[image]).length;
    return {
      count: source.count,
      parameters: this.parameters,
      clean: this.clean.accuracy(),
      adversarial: this.adversarial.accuracy(),
      ...(targets === undefined ? {} : { targetHits: proportion(hits, source.count) }),
      fooled: proportion(fooled, before.filter(Boolean).length),
      norms: {
        linf: summarize(this.norms.linf),
        l2: summarize(this.norms.l2),
        l0: summarize(this.norms.l0),
      },
      spent: this.spent,
      violations: this.violations,
      seconds,
      imagesPerSecond: source.count / seconds,
      warnings: this.warnings(),
    };
  }

  private warnings(): string[] {
    const { gradients, zeroGradients } = this.spent;
    const broken = new Set(this.violations.map(({ image }) => image)).size;
    return [
      ...(zeroGradients > 0
        ? [
            `${zeroGradients} of ${gradients} gradients were zero: the model may hide its gradient from the attack`,
          ]
        : []),
      ...(broken > 0
        ? [`the attack broke its own bound on ${broken} images; they were put back within it`]
        : []),
    ];
  }
}
