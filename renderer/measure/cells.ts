import type { ModelOutcomes, PhysicalResults } from '../../lab/api.ts';
import type { MeasuredImage, Verdict } from './crops.ts';

export type MeasureRow = PhysicalResults['rows'][number];
export type Proportion = MeasureRow['destruction'];

/** A figure of the protocol's table. */
export interface MeasureColumn {
  readonly key: string;
  /** Heading over several columns. */
  readonly group: string;
  readonly title: string;
  /** What is counted, for a person who asks. */
  readonly help: string;
  readonly rate: (row: MeasureRow) => Proportion;
  /** What it counts over: photographs or files, of which version. `fooled`: of images that the attack fooled as files. */
  readonly over: 'photo' | 'file' | 'fooled';
  readonly version: 'clean' | 'adversarial';
  /** Right is: the true class among the first `top`. */
  readonly top: 1 | 5;
}

const groups = [
  ['photo', 'clean', 'Photograph, clean'],
  ['photo', 'adversarial', 'Photograph, adversarial'],
  ['file', 'clean', 'Source, clean'],
  ['file', 'adversarial', 'Source, adversarial'],
] as const;

/** The protocol's columns, in their order. */
export const measureColumns: readonly MeasureColumn[] = [
  ...groups.flatMap(([over, version, group]) =>
    ([1, 5] as const).map((top): MeasureColumn => {
      const what = over === 'photo' ? `photographs of ${version} images` : `${version} image files`;
      return {
        key: `${over}-${version}-${top}`,
        group,
        title: `top-${top}`,
        help: `Of the ${what}: those whose true class is ${top === 1 ? 'the first' : 'among the first five'}`,
        rate: (row) => row[over][version][`top${top}`],
        over,
        version,
        top,
      };
    }),
  ),
  {
    key: 'destruction',
    group: 'Destruction',
    title: 'rate',
    help: 'Of the photographs of images that the attack fooled as files: those classified rightly again',
    rate: ({ destruction }) => destruction,
    over: 'fooled',
    version: 'adversarial',
    top: 1,
  },
];

/** A cell of the table: an attack and a column's key. */
export interface MeasureCell {
  readonly variant: string;
  readonly column: string;
}

export function columnOf(key: string): MeasureColumn | undefined {
  return measureColumns.find((column) => column.key === key);
}

/** The verdict that a column looks at. */
export function verdictIn(column: MeasureColumn, { fileVerdict, crop }: MeasuredImage): Verdict | undefined {
  return column.over === 'file' ? fileVerdict : crop?.verdict;
}

/** The images that a cell counts: its trials, each with the verdict that `verdictIn` gives. */
export function imagesOfCell(
  { variant, column: key }: MeasureCell,
  model: ModelOutcomes,
  crops: readonly MeasuredImage[],
): MeasuredImage[] {
  const column = columnOf(key);
  const attack = model.adversarial.find((each) => each.variant === variant);
  if (column === undefined || attack === undefined) return [];
  const cleans = new Map(model.clean.images.map((image) => [image.source, image]));
  const images = attack.images.filter(({ source }) => cleans.has(source));
  const sources = new Set(images.map(({ source }) => source));
  const version = column.version === 'clean' ? 'clean' : variant;
  if (column.over === 'file') {
    const shown = column.version === 'clean' ? model.clean.images : images;
    return shown
      .filter(({ source }) => sources.has(source))
      .map(({ source, label, file }) => {
        return { key: `${version}/${source}`, variant: version, source, label, fileVerdict: file };
      });
  }
  const fooled = new Set(
    images
      .filter(({ source, file }) => cleans.get(source)!.file.rank < column.top && file.rank >= column.top)
      .map(({ source }) => source),
  );
  const counted = column.over === 'fooled' ? fooled : sources;
  return crops.filter(
    (image) => image.variant === version && image.crop?.verdict !== undefined && counted.has(image.source),
  );
}

/** Whether an image is among a column's successes: right. */
export function succeeds(column: MeasureColumn, image: MeasuredImage): boolean {
  const verdict = verdictIn(column, image);
  return verdict !== undefined && verdict.rank < column.top;
}
