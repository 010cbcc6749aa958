import { join } from 'node:path';
import { seeded } from '@halftone/sdk';
import { writeAtomic } from '../../data/atomic.ts';
import { type Cell, toCsv } from '../../runs/csv.ts';
import { json, places, type Run } from '../../runs/folder.ts';
import type { VariantRecord } from '../../runs/record.ts';
import { type Proportion, summarize } from '../metrics.ts';
import { type TransferCell, transferCell } from '../transfer/matrix.ts';
import { type CaptureRecord, isSimulated, readCaptures, usableCrops } from './capture-record.ts';
import { type AttackComparison, compareAttacks, judgeTogether } from './compare.ts';
import type { ImageOutcome, ModelOutcomes } from './outcomes.ts';
import { type PhysicalRow, pairUp, physicalTable } from './table.ts';

/** Everything that a run says, as `results.json` keeps it. */
export interface PhysicalResults {
  readonly run: string;
  readonly title: string;
  /** The protocol's table, before the model of the examples, before every other one and behind defences. */
  readonly rows: readonly PhysicalRow[];
  /** The two attacks of the headline, at each strength that both were run at. */
  readonly comparisons: readonly AttackComparison[];
  /** Success of the same files and of their photographs before every model. */
  readonly transfer: readonly PhysicalTransfer[];
  readonly captures: CaptureCounts;
  /** What may mislead in these numbers. */
  readonly warnings: readonly string[];
}

/** How an attack carries over to a model, as files and on paper. */
export interface PhysicalTransfer {
  readonly file: TransferCell;
  /** Photographs that the model has wrong, of images whose clean file it has right. */
  readonly photo: Proportion;
  readonly destruction: Proportion;
}

export interface CaptureCounts {
  /** Photographs taken. */
  readonly taken: number;
  /** Photographs with a sheet of this run that is good enough. */
  readonly used: number;
  /** Photographs that no camera took. */
  readonly simulated: number;
  readonly crops: { readonly cut: number; readonly used: number };
}

/** The results of a run, from what every model made of its images. The model of the examples comes first. */
export async function physicalResults(
  run: Run,
  outcomes: readonly ModelOutcomes[],
): Promise<PhysicalResults> {
  const captures = await readCaptures(run);
  const rows = outcomes.flatMap(physicalTable);
  const random = seeded(run.record.recipe.seed).derive('bootstrap');
  const comparisons = comparedPairs(run).flatMap(([first, second]) =>
    outcomes
      .filter(({ source }) => source)
      .flatMap((model) => {
        const found = compareAttacks(
          model,
          [first.key, second.key],
          random.derive(`${first.key} ${second.key}`),
        );
        return found === undefined ? [] : [found];
      }),
  );
  return {
    run: run.record.id,
    title: run.record.title,
    rows,
    comparisons: judgeTogether(comparisons),
    transfer: transferOf(outcomes, rows),
    captures: countCaptures(captures),
    warnings: warningsOf(run, captures, rows),
  };
}

/** Rows of the two attacks that the recipe compares, strength by strength; by default its first two attacks. */
export function comparedPairs({ record }: Run): [VariantRecord, VariantRecord][] {
  const names = [...new Set(record.variants.map(({ attack }) => attack))];
  const [first, second] = record.recipe.compare ?? names;
  if (first === undefined || second === undefined) return [];
  const of = (name: string) => record.variants.filter(({ attack }) => attack === name);
  return of(first).flatMap((one) => {
    const other = of(second).find(({ epsilon, target }) => epsilon === one.epsilon && target === one.target);
    return other === undefined ? [] : [[one, other] satisfies [VariantRecord, VariantRecord]];
  });
}

function transferOf(outcomes: readonly ModelOutcomes[], rows: readonly PhysicalRow[]): PhysicalTransfer[] {
  const [own] = outcomes;
  if (own === undefined) return [];
  return outcomes.flatMap((target) =>
    target.adversarial.map((variant, i) => {
      const names = { source: own.model, variant: variant.variant, target: target.model };
      const both = ({ clean, adversarial }: { clean: ImageOutcome; adversarial: ImageOutcome }) => ({
        clean: clean.file,
        adversarial: adversarial.file,
      });
      const seen = pairUp(target.clean, variant).map(both);
      const row = rows.find((found) => found.model === target.model && found.variant === variant.variant)!;
      return {
        file: transferCell(names, seen, pairUp(own.clean, own.adversarial[i]!).map(both)),
        photo: row.photoFooled,
        destruction: row.destruction,
      };
    }),
  );
}

function countCaptures(captures: readonly CaptureRecord[]): CaptureCounts {
  const used = captures.map(usableCrops);
  return {
    taken: captures.length,
    used: used.filter((crops) => crops.length > 0).length,
    simulated: captures.filter(isSimulated).length,
    crops: {
      cut: captures.reduce((sum, { crops }) => sum + crops.length, 0),
      used: used.reduce((sum, crops) => sum + crops.length, 0),
    },
  };
}

function warningsOf(
  { record }: Run,
  captures: readonly CaptureRecord[],
  rows: readonly PhysicalRow[],
): string[] {
  const lost = captures.filter(({ problem }) => problem !== undefined).length;
  const forced = captures.filter(({ decision }) => decision === 'included').length;
  const bare = rows.filter(({ photo }) => photo.adversarial.top1.n === 0).length;
  const simulated = captures.filter(isSimulated).length;
  const which =
    simulated === captures.length ? 'all photographs' : `${simulated} of ${captures.length} photographs`;
  return [
    ...(simulated > 0 ? [`${which} are simulated: they predict, and are no evidence about paper`] : []),
    ...(lost > 0 ? [`no sheet of this run was found in ${lost} of ${captures.length} photographs`] : []),
    ...(forced > 0 ? [`${forced} poor photographs were kept in by hand`] : []),
    ...(bare > 0 && captures.length > 0 ? [`${bare} of ${rows.length} rows have no usable photograph`] : []),
    ...coarse(record, captures),
  ];
}

/** Photographs that have fewer pixels of an image than the model takes can't show what is on the paper. */
function coarse({ input, recipe }: Run['record'], captures: readonly CaptureRecord[]): string[] {
  const found = captures.flatMap((capture) =>
    usableCrops(capture).length > 0 && capture.dpi !== undefined ? [capture.dpi] : [],
  );
  const pixels = Math.round((summarize(found).median / 25.4) * recipe.sheet.imageSize);
  const wanted = Math.max(input.width, input.height);
  if (found.length === 0 || pixels >= wanted) return [];
  return [
    `an image has ${pixels} pixels in the photographs (median, its longer side) and the model takes ${wanted}: print larger, come nearer or take a finer camera`,
  ];
}

const rateColumns = ['', '_n', '_low', '_high'];

function rate({ share, n, low, high }: Proportion): Cell[] {
  return n === 0 ? [null, 0, null, null] : [share, n, low, high];
}

/** The rates of a row, by the names of their columns. */
function ratesOf(row: PhysicalRow): readonly (readonly [string, Proportion])[] {
  return [
    ['photo_clean_top1', row.photo.clean.top1],
    ['photo_clean_top5', row.photo.clean.top5],
    ['photo_adversarial_top1', row.photo.adversarial.top1],
    ['photo_adversarial_top5', row.photo.adversarial.top5],
    ['file_clean_top1', row.file.clean.top1],
    ['file_clean_top5', row.file.clean.top5],
    ['file_adversarial_top1', row.file.adversarial.top1],
    ['file_adversarial_top5', row.file.adversarial.top5],
    ['photo_fooled', row.photoFooled],
    ['destruction', row.destruction],
    ['destruction_top5', row.destructionTop5],
  ];
}

/** The protocol's table as CSV: one line a model (bare or behind defences) and attack, each rate with its count and its 95% interval. */
export function resultsCsv({ record }: Run, { rows }: PhysicalResults): string {
  const [sample] = rows;
  const names = sample === undefined ? [] : ratesOf(sample).map(([name]) => name);
  const columns = ['model', 'defense', 'variant', 'attack', 'epsilon', 'images'];
  const lines = rows.map((row) => {
    const variant = record.variants.find(({ key }) => key === row.variant);
    const epsilon = variant?.epsilon ?? null;
    const rates = ratesOf(row).flatMap(([, proportion]) => rate(proportion));
    return [row.model, row.defense ?? '', row.variant, variant?.attack ?? '', epsilon, row.images, ...rates];
  });
  return toCsv([...columns, ...names.flatMap((name) => rateColumns.map((end) => name + end))], lines);
}

/** Writes `results.json` and `results.csv`, each whole. Throws `bad-file`. */
export async function writeResults(run: Run, results: PhysicalResults): Promise<void> {
  await writeAtomic(join(run.folder, places.results), json(results));
  await writeAtomic(join(run.folder, places.table), resultsCsv(run, results));
}
