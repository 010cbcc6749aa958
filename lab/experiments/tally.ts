import { changedPixels, distances, type NormName } from '@halftone/sdk';
import type { Violation } from '../registry/attack-bounds.ts';
import type { AttackOutcome } from '../registry/attack-host.ts';
import type { Spent } from '../registry/attack-model.ts';
import type { ImageBatch } from '../runtime/classifier-types.ts';
import { type Accuracy, Scores } from './accuracy.ts';
import { type Proportion, proportion, type Summary, summarize } from './metrics.ts';

/** `pixels`: L0 as papers on pixels count it, those that differ in any channel; `l0` counts values. */
export type MeasuredNorm = Extract<NormName, 'linf' | 'l2' | 'l0'> | 'pixels';

const measuredNorms = ['linf', 'l2', 'l0'] as const satisfies readonly NormName[];

/** A model on the same images before and after the attack. */
export interface Both {
  readonly clean: Accuracy;
  /** Of the images rounded to eight bits. */
  readonly adversarial: Accuracy;
}

/** What is the same for a digital run with defences and without. */
export interface Tallied extends Both {
  /** Images classified as their target; absent from untargeted runs. */
  readonly targetHits?: Proportion;
  /** Images classified rightly before the attack and wrongly after it, of those classified rightly before. */
  readonly fooled: Proportion;
  /** Distances of the rounded images from the images before the attack, in [0, 1] units (L0: values changed; pixels). */
  readonly norms: Readonly<Record<MeasuredNorm, Summary>>;
  readonly spent: Spent;
  readonly violations: readonly Violation[];
}

/** One batch, measured. */
export interface Measured {
  readonly labels: Int32Array;
  readonly clean: Float32Array;
  readonly adversarial: Float32Array;
  readonly images: ImageBatch;
  readonly rounded: ImageBatch;
  readonly outcome: Pick<AttackOutcome, 'spent' | 'violations' | 'raw'>;
}

/** What one model, or one way to it, said of a run's images before and after the attack. */
export class Comparison {
  readonly classes: number;
  readonly clean = new Scores();
  readonly adversarial = new Scores();

  constructor(classes: number) {
    this.classes = classes;
  }

  /** Logits of a batch before and after. */
  add(labels: Int32Array, clean: Float32Array, adversarial: Float32Array): void {
    this.clean.add(clean, this.classes, labels);
    this.adversarial.add(adversarial, this.classes, labels);
  }

  result(): Both {
    return { clean: this.clean.accuracy(), adversarial: this.adversarial.accuracy() };
  }
}

/** Adds up the batches of a run. */
export class Tally {
  private readonly comparison: Comparison;
  private readonly norms: Record<MeasuredNorm, number[]> = { linf: [], l2: [], l0: [], pixels: [] };
  private readonly spent: Spent = { queries: 0, gradients: 0, zeroGradients: 0 };
  private readonly violations: Violation[] = [];
  private finer = 0;

  constructor(classes: number) {
    this.comparison = new Comparison(classes);
  }

  add({ labels, clean, adversarial, images, rounded, outcome }: Measured): void {
    this.comparison.add(labels, clean, adversarial);
    for (const norm of measuredNorms) {
      this.norms[norm].push(...distances(norm, rounded.data, images.data, images.count));
    }
    const { data, count, channels } = images;
    this.norms.pixels.push(...changedPixels(rounded.data, data, count, channels));
    const before = distances('l2', outcome.raw.data, data, count);
    const after = distances('l2', rounded.data, data, count);
    this.finer += before.filter((change, image) => after[image]! < change / 2).length;
    this.spent.queries += outcome.spent.queries;
    this.spent.gradients += outcome.spent.gradients;
    this.spent.zeroGradients += outcome.spent.zeroGradients;
    this.violations.push(...outcome.violations);
  }

  result(targets: Int32Array | undefined): Tallied {
    const { clean, adversarial } = this.comparison;
    const { predictions } = adversarial;
    const before = predictions.map((_, image) => clean.right(image));
    const fooled = before.filter((right, image) => right && !adversarial.right(image)).length;
    const hits = predictions.filter((label, image) => label === targets?.[image]).length;
    return {
      ...this.comparison.result(),
      ...(targets === undefined ? {} : { targetHits: proportion(hits, predictions.length) }),
      fooled: proportion(fooled, before.filter(Boolean).length),
      norms: {
        linf: summarize(this.norms.linf),
        l2: summarize(this.norms.l2),
        l0: summarize(this.norms.l0),
        pixels: summarize(this.norms.pixels),
      },
      spent: this.spent,
      violations: this.violations,
    };
  }

  /** What may mislead in these numbers. */
  warnings(): string[] {
    const { gradients, zeroGradients } = this.spent;
    const broken = new Set(this.violations.map(({ image }) => image)).size;
    return [
      ...(zeroGradients > 0
        ? [
            `${zeroGradients} of ${gradients} gradients were zero: the model may hide its gradient from the attack`,
          ]
        : []),
      ...(this.finer > 0
        ? [
            `rounding to eight bits took away most of the change of ${this.finer} images: it was finer than a level`,
          ]
        : []),
      ...(broken > 0
        ? [`the attack broke its own bound on ${broken} images; they were put back within it`]
        : []),
    ];
  }
}
