import type { Comparison, PlainParameters, TransferMatrix } from '../../lab/api.ts';
import { type FormValues, shownIntensity } from '../forms/parameters.ts';
import { type Rate, shownRate } from '../words.ts';

export type TransferCell = TransferMatrix['cells'][number];

/** One source with one attack. */
export interface MatrixRow {
  readonly source: string;
  /** The attack's key in the cells. */
  readonly variant: string;
  /** In words. */
  readonly attack: string;
  /** By target, in the columns' order; undefined where there is none. */
  readonly cells: readonly (TransferCell | undefined)[];
  /** Gradients and queries an image. */
  readonly spent: string;
  /** Rows of this source from here on, in its first row; 0 in the others. */
  readonly span: number;
}

export interface Matrix {
  readonly targets: readonly string[];
  readonly rows: readonly MatrixRow[];
}

/** Parameters as people write them: `epsilon 8/255, steps 10`. `parameters` of the plugin tell their units. */
export function valuesWords(set: FormValues, parameters: PlainParameters = {}): string {
  return Object.entries(set)
    .map(([name, value]) => {
      const parameter = parameters[name];
      if (typeof value === 'boolean') return value ? name : `no ${name}`;
      if (typeof value !== 'number') return `${name} ${value}`;
      // What was chosen as a share isn't told in fractions of a level.
      const intensity = parameter?.type === 'number' && parameter.unit === 'intensity';
      const levels = intensity && value < 1 && Math.abs(value * 255 - Math.round(value * 255)) < 1e-6;
      return `${name} ${levels ? `${shownIntensity(value, 'levels')}/255` : Number(value.toPrecision(5))}`;
    })
    .join(', ');
}

type ParametersOf = (plugin: string) => PlainParameters | undefined;
const unknown: ParametersOf = () => undefined;

/** `, through print-capture (views 2)`; nothing without a channel. */
export function channelWords(
  channel: { readonly name: string; readonly set: FormValues } | undefined,
  parametersOf: ParametersOf = unknown,
): string {
  if (channel === undefined) return '';
  const values = valuesWords(channel.set, parametersOf(channel.name));
  return `, through ${channel.name}${values === '' ? '' : ` (${values})`}`;
}

/** The matrix of a kept comparison: rows by source, then attack; columns by target. */
export function matrixOf(
  { request, result }: Extract<Comparison, { kind: 'transfer' }>,
  parametersOf: { readonly attack: ParametersOf; readonly channel: ParametersOf } = {
    attack: unknown,
    channel: unknown,
  },
): Matrix {
  const { targets, attacks } = request;
  if (result === undefined) return { targets, rows: [] };
  // The lab names an attack that is there twice by its parameters; their order is the request's.
  const variants = [...new Set(result.cells.map(({ variant }) => variant))];
  const words = attacks.map(({ name, set, channel }) => {
    const values = valuesWords(set, parametersOf.attack(name));
    return `${name}${values === '' ? '' : `, ${values}`}${channelWords(channel, parametersOf.channel)}`;
  });
  const rows = request.sources.flatMap((source) =>
    variants.map((variant, i) => {
      const cell = (target: string) =>
        result.cells.find((c) => c.source === source && c.variant === variant && c.target === target);
      const costs = result.spent.find((s) => s.source === source && s.variant === variant);
      return {
        source,
        variant,
        attack: words[i] ?? variant,
        cells: targets.map(cell),
        spent: costs === undefined ? '' : spentWords(costs, result.images),
        span: i === 0 ? variants.length : 0,
      };
    }),
  );
  return { targets, rows };
}

/** What an attack cost, an image: `10 gradients, 1 query`. */
export function spentWords(
  { gradients, queries }: { readonly gradients: number; readonly queries: number },
  images: number,
): string {
  const each = (total: number) => Number((total / Math.max(1, images)).toPrecision(3));
  const words = (total: number, one: string, many: string) =>
    total === 0 ? [] : [`${each(total).toLocaleString('en')} ${each(total) === 1 ? one : many}`];
  return [...words(gradients, 'gradient', 'gradients'), ...words(queries, 'query', 'queries')].join(', ');
}

/** How much of the accent a cell is shaded with, in per cent: text on it stays readable in both themes. */
export function shadeOf({ share, n }: Rate): number {
  return n === 0 ? 0 : Math.round(42 * share);
}

/** Columns of a rate in a CSV: share, ends of the interval, counts. */
export function rateColumns({ share, low, high, successes, n }: Rate): (number | null)[] {
  return n === 0 ? [null, null, null, 0, 0] : [share, low, high, successes ?? Math.round(share * n), n];
}

export const rateTitles = (name: string) => [
  name,
  `${name}_low`,
  `${name}_high`,
  `${name}_images`,
  `${name}_of`,
];

/** The matrix a cell a line, with a head: what the shown one has, and the share of what fooled the source. */
export function matrixCsv({ rows }: Matrix): (string | number | null)[][] {
  const head = [
    'source',
    'attack',
    'target',
    'white_box',
    ...rateTitles('fooled'),
    ...rateTitles('fooled_of_source'),
  ];
  const lines = rows.flatMap(({ source, attack, cells }) =>
    cells.flatMap((cell) =>
      cell === undefined
        ? []
        : [
            [
              source,
              attack,
              cell.target,
              cell.target === source ? 'yes' : 'no',
              ...rateColumns(cell.fooled),
              ...rateColumns(cell.fooledOfSource),
            ],
          ],
    ),
  );
  return [head, ...lines];
}

/** `±2.4 (195/200)`, the second line of a cell. */
export function detailWords(rate: Rate): string {
  const { half, count } = shownRate(rate);
  return rate.n === 0 ? 'no image' : `±${half} (${count})`;
}
