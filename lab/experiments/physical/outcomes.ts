import type { Verdict } from '../verdict.ts';

/** One photograph of one printed image, as a model saw the crop. */
export interface PhotoOutcome {
  /** Name of the capture that it was cut from. */
  readonly capture: string;
  readonly verdict: Verdict;
  /** Angle between camera axis and the paper's normal, degrees. */
  readonly angle?: number | undefined;
  /** Camera pixels per inch of paper. */
  readonly dpi?: number | undefined;
}

/** One image in one version (clean, or by one attack) before one model: as a file, and as photographed. */
export interface ImageOutcome {
  /** Number of the source image in the run; the clean version and all adversarial ones share it. */
  readonly source: number;
  readonly label: number;
  /** The eight-bit file that was printed. */
  readonly file: Verdict;
  /** Usable photographs of it, one or several views; none while it is not captured. */
  readonly photos: readonly PhotoOutcome[];
}

/** What one model made of all images of one version. */
export interface VariantOutcomes {
  /** `clean`, or the key of the attack with its parameters. */
  readonly variant: string;
  /** Ascending by source. */
  readonly images: readonly ImageOutcome[];
}

/** What one model, or one behind defences, made of a whole run. */
export interface ModelOutcomes {
  /** What it is called: unique in the run. */
  readonly model: string;
  /** The examples were made on this model. */
  readonly source: boolean;
  /** The defences that stand before it, in words: it is the model of the examples then. */
  readonly defense?: string;
  readonly clean: VariantOutcomes;
  readonly adversarial: readonly VariantOutcomes[];
}
