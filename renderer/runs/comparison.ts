import type { ComparedRow, RunComparison, RunMeasure } from '../../lab/api.ts';
import { csvText } from '../files.ts';

export const measureNames: Readonly<Record<RunMeasure, string>> = {
  photoClean: 'Photograph, clean',
  photoAdversarial: 'Photograph, adversarial',
  fileClean: 'Source, clean',
  fileAdversarial: 'Source, adversarial',
  destruction: 'Destruction',
};

/** As they stand in the table, the figure that is asked about first. */
export const measureOrder = [
  'destruction',
  'photoAdversarial',
  'photoClean',
  'fileAdversarial',
  'fileClean',
] as const satisfies readonly RunMeasure[];

type Row = NonNullable<ComparedRow['first']>;

/** A row's figure: top-1. */
export function rateOf(row: Row, measure: RunMeasure): Row['destruction'] {
  const figures = {
    photoClean: row.photo.clean.top1,
    photoAdversarial: row.photo.adversarial.top1,
    fileClean: row.file.clean.top1,
    fileAdversarial: row.file.adversarial.top1,
    destruction: row.destruction,
  };
  return figures[measure];
}

/** The comparison for other programs: a line an attack, model and measure; shares of 1. */
export function comparedCsv({ rows }: RunComparison, first: string, second: string): string {
  const head = ['attack', 'measure', 'run', 'model', 'share', 'n', 'low', 'high'];
  const differences = ['difference', 'difference_low', 'difference_high', 'told_apart', 'paired'];
  const lines = rows.flatMap((row) =>
    measureOrder.flatMap((measure) =>
      ([first, second] as const).flatMap((name, i) => {
        const side = i === 0 ? row.first : row.second;
        if (side === undefined) return [];
        const { share, n, low, high } = rateOf(side, measure);
        const found = row.differences[measure];
        const rest =
          i === 0 || found === undefined
            ? [null, null, null, null, null]
            : [found.value, found.low, found.high, String(found.told), String(found.paired)];
        return [[row.title, measure, name, side.model, n === 0 ? null : share, n, low, high, ...rest]];
      }),
    ),
  );
  return csvText([[...head, ...differences], ...lines]);
}
