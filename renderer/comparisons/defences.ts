import type { Comparison, DefendTable, PlainParameters } from '../../lab/api.ts';
import type { ChartOption, RateBar } from '../charts/options.ts';
import { rateColumns, rateTitles, spentWords, valuesWords } from './matrix.ts';

export type DefendRow = DefendTable['rows'][number];
type Kept = Extract<Comparison, { kind: 'defend' }>;

/** How an attack stands to the defences: there are none, it doesn't know them, its gradients go through them. */
export type Stance = 'without' | 'behind' | 'through';

export interface DefenceLine extends DefendRow {
  readonly key: string;
  readonly stance: Stance;
  /** The chain in words, with what was changed of its defences; empty without one. */
  readonly words: string;
  /** The same without parameters, for a chart. */
  readonly short: string;
  /** An image. */
  readonly spent: string;
}

export const stanceWords: Readonly<Record<Stance, string>> = {
  without: 'no defence',
  behind: 'behind it',
  through: 'through it',
};

export const stanceHelp: Readonly<Record<Stance, string>> = {
  without: 'the attacked model alone',
  behind: 'the attack doesn’t know the defence and makes its images on the model alone',
  through: 'the attack knows the defence, and its gradients and questions go through it',
};

/** The table of a kept comparison, as the lab made it: without, then each chain behind and through. */
export function defenceLines(
  { request, result }: Kept,
  parametersOf: (defense: string) => PlainParameters | undefined = () => undefined,
): DefenceLine[] {
  return (result?.rows ?? []).map((row) => {
    const chain = row.chain === undefined ? [] : (request.chains[row.chain] ?? []);
    const stance: Stance = row.chain === undefined ? 'without' : row.aware ? 'through' : 'behind';
    return {
      ...row,
      key: `${row.chain ?? 'none'} ${stance}`,
      stance,
      words: chain.map(({ name, set }) => named(name, valuesWords(set, parametersOf(name)))).join(', then '),
      short: chain.map(({ name }) => name).join(' + '),
      spent: spentWords(row, result?.images ?? 0),
    };
  });
}

function named(name: string, values: string): string {
  return values === '' ? name : `${name} (${values})`;
}

/** Bars of one accuracy: those of one stance share a hue. */
export function defenceBars(lines: readonly DefenceLine[], which: 'clean' | 'adversarial'): RateBar[] {
  const shorts = lines.filter(({ stance }) => stance === 'behind').map(({ short }) => short);
  const twice = new Set(shorts.filter((short, i) => shorts.indexOf(short) !== i));
  return lines
    .filter(({ stance }) => which === 'adversarial' || stance !== 'through')
    .map((line) => {
      // The same defence twice, at two strengths: its parameters tell them apart.
      const chain = twice.has(line.short) ? line.words : line.short;
      const behind = which === 'clean' ? chain : `${line.stance}\n${chain}`;
      return {
        name: line.stance === 'without' ? 'no defence' : behind,
        attack: line.stance,
        rate: line[which],
      };
    });
}

/** A chart of bars whose names are broken so that many stand beside one another. */
export function withNarrowNames(option: ChartOption, bars: number): ChartOption {
  const xAxis = option.xAxis as { readonly axisLabel: object };
  const width = Math.min(110, Math.max(52, Math.floor(540 / Math.max(1, bars))));
  return { ...option, xAxis: { ...xAxis, axisLabel: { ...xAxis.axisLabel, width } } };
}

/** A line a row, with a head. */
export function defenceCsv(lines: readonly DefenceLine[]): (string | number | null)[][] {
  const head = [
    'defence',
    'attack_knows_it',
    ...rateTitles('clean'),
    ...rateTitles('adversarial'),
    'spent_an_image',
  ];
  return [
    head,
    ...lines.map((line) => [
      line.words === '' ? 'none' : line.words,
      line.stance === 'through' ? 'yes' : 'no',
      ...rateColumns(line.clean),
      ...rateColumns(line.adversarial),
      line.spent,
    ]),
  ];
}
