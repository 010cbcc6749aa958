import { type Random, seeded } from '@halftone/sdk';
import type { VariantRecord } from '../../runs/record.ts';
import { clusterDifference } from '../cluster-difference.ts';
import type { Cluster } from '../clusters.ts';
import type { Proportion } from '../metrics.ts';
import { comparePaired } from '../paired.ts';
import { within } from '../verdict.ts';
import type { ModelOutcomes } from './outcomes.ts';
import { destroyedPhotos, type ImagePair, type PhysicalRow, pairUp, physicalTable } from './table.ts';

/** Two runs side by side: the same attacks under other conditions (a printer, a defence, a model). */

/** One of two runs that are compared. */
export interface ComparedRun {
  readonly variants: readonly VariantRecord[];
  /** Every model's outcomes, the model of the examples first. */
  readonly outcomes: readonly ModelOutcomes[];
  /** What tells its source images apart from those of other runs, by their number; equal ones are the same image. */
  readonly images: readonly string[];
}

export type RunMeasure = 'photoClean' | 'photoAdversarial' | 'fileClean' | 'fileAdversarial' | 'destruction';

/** The second run's figure less the first's. */
export interface RateDifference {
  readonly value: number;
  /** Ends of the 95% interval. */
  readonly low: number;
  readonly high: number;
  /** The data tell the two apart. */
  readonly told: boolean;
  /** Both were measured on the same images, and the interval knows it. */
  readonly paired: boolean;
}

/** An attack before a model in both runs, or in one of them. */
export interface ComparedRow {
  readonly title: string;
  /** It is the model of the examples, in both. */
  readonly own: boolean;
  readonly first?: PhysicalRow;
  readonly second?: PhysicalRow;
  /** Of the measures that both have. */
  readonly differences: Readonly<Partial<Record<RunMeasure, RateDifference>>>;
}

export interface RunComparison {
  /** Rows that both have, then those of the first alone, then of the second. */
  readonly rows: readonly ComparedRow[];
  /** How many source images both have. */
  readonly sharedImages: number;
}

/** The figure of a row that a measure names. */
export function rateOf(row: PhysicalRow, measure: RunMeasure): Proportion {
  return {
    photoClean: row.photo.clean.top1,
    photoAdversarial: row.photo.adversarial.top1,
    fileClean: row.file.clean.top1,
    fileAdversarial: row.file.adversarial.top1,
    destruction: row.destruction,
  }[measure];
}

const measures = ['photoClean', 'photoAdversarial', 'fileClean', 'fileAdversarial', 'destruction'] as const;

/**
 * Compares two runs attack by attack: the models of the examples with one another, others by their names; attacks by
 * their parameters. Where both have the same images the comparison is paired: exact for files (McNemar), by
 * exchange and the bootstrap over images for photographs. Else it is `unpairedDifference`.
 */
export function compareRuns(first: ComparedRun, second: ComparedRun): RunComparison {
  const random = seeded('two runs');
  const ours = rowsOf(first);
  const theirs = rowsOf(second);
  const partners = new Map<Entry, Entry>();
  for (const same of [sameKey, sameStrength]) {
    for (const one of ours.filter((entry) => !partners.has(entry))) {
      const free = theirs.filter((entry) => ![...partners.values()].includes(entry));
      const found = free.filter((entry) => sameModel(one, entry) && same(one.variant, entry.variant));
      if (found.length === 1) partners.set(one, found[0]!);
    }
  }
  const both = [...partners].map(([one, other]): ComparedRow => {
    const differences = differencesOf(one, other, random.derive(`${one.row.model} ${one.row.variant}`));
    return { title: one.variant.title, own: one.own, first: one.row, second: other.row, differences };
  });
  const taken = new Set(partners.values());
  const alone = (entries: readonly Entry[], side: 'first' | 'second') =>
    entries.map(({ variant, own, row }) => ({ title: variant.title, own, [side]: row, differences: {} }));
  const rows = [
    ...both,
    ...alone(
      ours.filter((entry) => !partners.has(entry)),
      'first',
    ),
    ...alone(
      theirs.filter((entry) => !taken.has(entry)),
      'second',
    ),
  ];
  const known = new Set(second.images);
  return { rows, sharedImages: first.images.filter((image) => known.has(image)).length };
}

/** A row of one run, with what it was made of. */
interface Entry {
  readonly variant: VariantRecord;
  readonly own: boolean;
  readonly row: PhysicalRow;
  /** Both versions of each image, by what tells the image apart. */
  readonly pairs: ReadonlyMap<string, ImagePair>;
}

function rowsOf({ variants, outcomes, images }: ComparedRun): Entry[] {
  return outcomes.flatMap((model) =>
    physicalTable(model).map((row, i): Entry => {
      const pairs = pairUp(model.clean, model.adversarial[i]!);
      return {
        variant: variants.find(({ key }) => key === row.variant)!,
        own: model.source,
        row,
        pairs: new Map(pairs.map((pair) => [images[pair.adversarial.source]!, pair])),
      };
    }),
  );
}

function sameModel(one: Entry, other: Entry): boolean {
  return one.own === other.own && (one.own || one.row.model === other.row.model);
}

function sameKey(one: VariantRecord, other: VariantRecord): boolean {
  return one.key === other.key;
}

function sameStrength(one: VariantRecord, other: VariantRecord): boolean {
  return one.attack === other.attack && one.epsilon === other.epsilon && one.target === other.target;
}

function differencesOf(one: Entry, other: Entry, random: Random): ComparedRow['differences'] {
  const keys = [...one.pairs.keys()];
  const paired =
    one.pairs.size === one.row.images &&
    keys.length === other.pairs.size &&
    keys.every((key) => other.pairs.has(key));
  const found = measures.flatMap((measure): [RunMeasure, RateDifference][] => {
    const [a, b] = [rateOf(one.row, measure), rateOf(other.row, measure)];
    if (a.n === 0 || b.n === 0) return [];
    if (!paired) return [[measure, unpairedDifference(a, b)]];
    const first = keys.map((key) => one.pairs.get(key)!);
    const second = keys.map((key) => other.pairs.get(key)!);
    return [[measure, pairedDifference(measure, [first, second], random.derive(measure))]];
  });
  return Object.fromEntries(found);
}

/**
 * The difference of two independent shares, the second less the first: the square-and-add interval of their own
 * intervals. R. G. Newcombe, 'Interval estimation for the difference between independent proportions: comparison of
 * eleven methods', Statistics in Medicine 17 (1998), method 10; the shares' intervals may be those of clustered data.
 */
export function unpairedDifference(first: Proportion, second: Proportion): RateDifference {
  const value = second.share - first.share;
  const low = value - Math.hypot(second.share - second.low, first.high - first.share);
  const high = value + Math.hypot(second.high - second.share, first.share - first.low);
  return { value, low, high, told: low > 0 || high < 0, paired: false };
}

function pairedDifference(
  measure: RunMeasure,
  [first, second]: readonly [readonly ImagePair[], readonly ImagePair[]],
  random: Random,
): RateDifference {
  if (measure === 'fileClean' || measure === 'fileAdversarial') {
    const version = measure === 'fileClean' ? 'clean' : 'adversarial';
    const right = (pairs: readonly ImagePair[]) => pairs.map((pair) => within(pair[version].file, 1));
    const { difference, low, high, told } = comparePaired(right(second), right(first));
    return { value: difference, low, high, told, paired: true };
  }
  const a = first.map((pair) => photographsOf(pair, measure));
  const b = second.map((pair) => photographsOf(pair, measure));
  const { value, low, high, told } = clusterDifference(b, a, random);
  return { value, low, high, told, paired: true };
}

/** How many photographs of an image a measure counts, and how many of them pass. */
function photographsOf(
  pair: ImagePair,
  measure: Exclude<RunMeasure, 'fileClean' | 'fileAdversarial'>,
): Cluster {
  if (measure === 'destruction') return destroyedPhotos(pair, 1);
  const { photos } = pair[measure === 'photoClean' ? 'clean' : 'adversarial'];
  return { successes: photos.filter(({ verdict }) => within(verdict, 1)).length, n: photos.length };
}
