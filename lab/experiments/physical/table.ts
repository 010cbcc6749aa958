import { type Cluster, clusteredProportion } from '../clusters.ts';
import { type Proportion, proportion } from '../metrics.ts';
import { type Verdict, within } from '../verdict.ts';
import type { ImageOutcome, ModelOutcomes, VariantOutcomes } from './outcomes.ts';

/** Accuracy on some images. */
export interface TopAccuracy {
  readonly top1: Proportion;
  readonly top5: Proportion;
}

/** A row of the protocol's table: one attack before one model, measured on the images that the attack was run on. */
export interface PhysicalRow {
  readonly variant: string;
  readonly model: string;
  /** The defences that stand before the model, in words. */
  readonly defense?: string;
  /** Images with both versions. */
  readonly images: number;
  readonly file: { readonly clean: TopAccuracy; readonly adversarial: TopAccuracy };
  /** Over photographs; intervals know that photographs of one image belong together. */
  readonly photo: { readonly clean: TopAccuracy; readonly adversarial: TopAccuracy };
  /** Photographs of adversarial images that the model has wrong, of images whose clean file it has right. */
  readonly photoFooled: Proportion;
  /**
   * Of the photographs of images that the attack fooled as files (right when clean, wrong when adversarial): the
   * share classified rightly again. Kurakin et al. 2017, section 3.2.
   */
  readonly destruction: Proportion;
  /** The same with 'in the top five' for 'right'. */
  readonly destructionTop5: Proportion;
}

/** The protocol's table for one model, one row an attack, in the order of the run. */
export function physicalTable(outcomes: ModelOutcomes): PhysicalRow[] {
  return outcomes.adversarial.map((variant) => physicalRow(outcomes, variant));
}

function physicalRow({ model, defense, clean }: ModelOutcomes, variant: VariantOutcomes): PhysicalRow {
  const pairs = pairUp(clean, variant);
  const cleans = pairs.map(({ clean }) => clean);
  const adversarial = pairs.map(({ adversarial }) => adversarial);
  return {
    variant: variant.variant,
    model,
    ...(defense === undefined ? {} : { defense }),
    images: pairs.length,
    file: { clean: fileAccuracy(cleans), adversarial: fileAccuracy(adversarial) },
    photo: { clean: photoAccuracy(cleans), adversarial: photoAccuracy(adversarial) },
    photoFooled: photoFooled(pairs),
    destruction: destruction(pairs, 1),
    destructionTop5: destruction(pairs, 5),
  };
}

/** Both versions of one image. */
export interface ImagePair {
  readonly clean: ImageOutcome;
  readonly adversarial: ImageOutcome;
}

/** The images of an attack, each with its clean version; images without one are left out. */
export function pairUp(clean: VariantOutcomes, variant: VariantOutcomes): ImagePair[] {
  const byNumber = new Map(clean.images.map((image) => [image.source, image]));
  return variant.images.flatMap((adversarial) => {
    const own = byNumber.get(adversarial.source);
    return own === undefined ? [] : [{ clean: own, adversarial }];
  });
}

/** Accuracy on the files. */
export function fileAccuracy(images: readonly ImageOutcome[]): TopAccuracy {
  const right = (k: number) => proportion(images.filter(({ file }) => within(file, k)).length, images.length);
  return { top1: right(1), top5: right(5) };
}

/** Accuracy on all photographs of some images. */
export function photoAccuracy(images: readonly ImageOutcome[]): TopAccuracy {
  const right = (k: number) =>
    clusteredProportion(images.map(({ photos }) => count(photos, (verdict) => within(verdict, k))));
  return { top1: right(1), top5: right(5) };
}

/** Whether the attack fooled the model with the file: right when clean, wrong when adversarial. */
export function fooledAsFile({ clean, adversarial }: ImagePair, k: number): boolean {
  return within(clean.file, k) && !within(adversarial.file, k);
}

/** For each image: its photographs, and how many of them the transformation destroyed; none unless it was fooled. */
export function destroyedPhotos(pair: ImagePair, k: number): Cluster {
  if (!fooledAsFile(pair, k)) return { successes: 0, n: 0 };
  return count(pair.adversarial.photos, (verdict) => within(verdict, k));
}

function photoFooled(pairs: readonly ImagePair[]): Proportion {
  const right = pairs.filter(({ clean }) => within(clean.file, 1));
  return clusteredProportion(
    right.map(({ adversarial }) => count(adversarial.photos, (verdict) => !within(verdict, 1))),
  );
}

function destruction(pairs: readonly ImagePair[], k: number): Proportion {
  return clusteredProportion(pairs.map((pair) => destroyedPhotos(pair, k)));
}

function count(photos: ImageOutcome['photos'], passes: (verdict: Verdict) => boolean): Cluster {
  return { successes: photos.filter(({ verdict }) => passes(verdict)).length, n: photos.length };
}
