import type { Random } from '@halftone/sdk';
import { clusterDifference, type Difference, holm } from '../cluster-difference.ts';
import { comparePaired, type PairedComparison } from '../paired.ts';
import { within } from '../verdict.ts';
import type { ImageOutcome, ModelOutcomes } from './outcomes.ts';
import { destroyedPhotos, type ImagePair, pairUp } from './table.ts';

/** Two attacks on the same images before the same model. Differences are the first's figure less the second's. */
export interface AttackComparison {
  readonly model: string;
  readonly first: string;
  readonly second: string;
  /** Images that both were run on. */
  readonly images: number;
  /** Misclassified as files: which attack is stronger before the printer. */
  readonly fileFooled: PairedComparison;
  /** Misclassified in at least half of their photographs: which is stronger behind the camera. */
  readonly photoFooled: PairedComparison;
  /** Destruction rates. */
  readonly destruction: Difference;
}

/**
 * Compares two attacks of a run. Undefined where one of them isn't in it.
 * `random` draws the bootstrap's resamples.
 */
export function compareAttacks(
  { model, clean, adversarial }: ModelOutcomes,
  [first, second]: readonly [string, string],
  random: Random,
): AttackComparison | undefined {
  const one = adversarial.find(({ variant }) => variant === first);
  const two = adversarial.find(({ variant }) => variant === second);
  if (one === undefined || two === undefined) return undefined;
  const others = new Map(pairUp(clean, two).map((pair) => [pair.adversarial.source, pair]));
  const shared = pairUp(clean, one).flatMap((pair) => {
    const other = others.get(pair.adversarial.source);
    return other === undefined ? [] : [{ one: pair, two: other }];
  });
  const photographed = shared.filter(({ one, two }) => hasPhotos(one) && hasPhotos(two));
  return {
    model,
    first,
    second,
    images: shared.length,
    fileFooled: comparePaired(
      shared.map(({ one }) => !within(one.adversarial.file, 1)),
      shared.map(({ two }) => !within(two.adversarial.file, 1)),
    ),
    photoFooled: comparePaired(
      photographed.map(({ one }) => mostlyFooled(one.adversarial)),
      photographed.map(({ two }) => mostlyFooled(two.adversarial)),
    ),
    destruction: clusterDifference(
      photographed.map(({ one }) => destroyedPhotos(one, 1)),
      photographed.map(({ two }) => destroyedPhotos(two, 1)),
      random,
    ),
  };
}

function hasPhotos({ adversarial }: ImagePair): boolean {
  return adversarial.photos.length > 0;
}

function mostlyFooled({ photos }: ImageOutcome): boolean {
  return photos.filter(({ verdict }) => !within(verdict, 1)).length * 2 >= photos.length;
}

/**
 * Comparisons at several strengths, judged together: of many that are each told at 5%, some would be by chance. Each
 * question (files, photographs, destruction) is one family.
 */
export function judgeTogether(comparisons: readonly AttackComparison[]): AttackComparison[] {
  const files = holm(comparisons.map(({ fileFooled }) => fileFooled.p));
  const photos = holm(comparisons.map(({ photoFooled }) => photoFooled.p));
  const destroyed = holm(comparisons.map(({ destruction }) => destruction.p));
  return comparisons.map((each, i) => ({
    ...each,
    fileFooled: { ...each.fileFooled, told: files[i]! },
    photoFooled: { ...each.photoFooled, told: photos[i]! },
    destruction: { ...each.destruction, told: destroyed[i]! },
  }));
}
