import type { Run } from '../../runs/folder.ts';
import type { Difference } from '../cluster-difference.ts';
import { type Proportion, showPoints, showProbability, showProportion } from '../metrics.ts';
import type { AttackComparison } from './compare.ts';
import type { PhysicalResults } from './results.ts';

/**
 * The run's answer in sentences, for people: what the comparison of two attacks says at each strength, and how sure it is.
 * The answer comes first, what it rests on after it.
 */
export function headline(run: Run, results: PhysicalResults): string[] {
  if (results.captures.taken === 0) return ['Nothing is photographed yet.'];
  if (results.comparisons.length === 0) return singleAttack(run, results);
  return results.comparisons.map((comparison) =>
    [onPaper(run, results, comparison), onFiles(run, comparison)].join(' '),
  );
}

function singleAttack(run: Run, { rows, captures }: PhysicalResults): string[] {
  const [row] = rows;
  if (row === undefined) return [];
  const photographs = captures.simulated === captures.taken ? 'simulated photographs' : 'photographs';
  return [
    `${capital(title(run, row.variant))}: ${showProportion(row.photoFooled)} of its ${photographs} fool ${row.model}; its destruction rate is ${showProportion(row.destruction)}.`,
  ];
}

function onPaper(run: Run, { rows, captures }: PhysicalResults, comparison: AttackComparison): string {
  const { model, first, second, destruction } = comparison;
  const [one, two, at] = names(run, comparison);
  if (destruction.images === 0) {
    return `${at}no image was fooled by both ${one} and ${two} and photographed, so nothing can be compared.`;
  }
  const rate = (variant: string): Proportion =>
    rows.find((row) => row.model === model && row.variant === variant)!.destruction;
  const cause = captures.simulated === captures.taken ? 'simulated print and camera' : 'print and camera';
  const [more, less] = destruction.value >= 0 ? [one, two] : [two, one];
  const answer = destruction.told
    ? `${cause} destroy more of ${more} than of ${less}`
    : `the data can’t tell whether ${cause} destroy more of ${one} or of ${two}`;
  const rates = `${showProportion(rate(first))} of ${one}, ${showProportion(rate(second))} of ${two}`;
  const difference = `${showPoints(Math.abs(destruction.value))} points apart (95% ${interval(destruction)}, ${probability(destruction.p)}, ${destruction.images} images)`;
  return capital(`${at}${answer}: ${rates}, ${difference}.`);
}

function onFiles(run: Run, comparison: AttackComparison): string {
  const { n, both, onlyFirst, onlySecond, told } = comparison.fileFooled;
  const [one, two] = names(run, comparison);
  const rates = `${share(both + onlyFirst, n)} of ${one} and ${share(both + onlySecond, n)} of ${two} are misclassified`;
  return `As files, ${rates}: ${told ? 'told apart' : 'not told apart'}.`;
}

/** Both attacks in words, and what they have in common before them: 'At epsilon 16/255, '. */
function names({ record }: Run, { first, second }: AttackComparison): [string, string, string] {
  const [one, two] = [first, second].map((key) => record.variants.find((variant) => variant.key === key)!);
  const [a, b] = [one!.title.split(', '), two!.title.split(', ')];
  const shared = a.slice(1).filter((part) => b.slice(1).includes(part));
  const own = (parts: readonly string[]) =>
    parts.filter((part, i) => i === 0 || !shared.includes(part)).join(', ');
  return [own(a), own(b), shared.length > 0 ? `at ${shared.join(', ')} ` : ''];
}

function interval({ value, low, high }: Difference): string {
  return value >= 0
    ? `${showPoints(low)} to ${showPoints(high)}`
    : `${showPoints(-high)} to ${showPoints(-low)}`;
}

function probability(p: number): string {
  return p < 0.001 ? `p ${showProbability(p)}` : `p = ${showProbability(p)}`;
}

function share(count: number, n: number): string {
  return n === 0 ? 'none (0/0)' : `${((100 * count) / n).toFixed(1)}% (${count}/${n})`;
}

function title(run: Run, variant: string): string {
  return run.record.variants.find(({ key }) => key === variant)?.title ?? variant;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
