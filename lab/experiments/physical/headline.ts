import type { Run } from '../../runs/folder.ts';
import type { Difference } from '../cluster-difference.ts';
import { type Proportion, showProportion } from '../metrics.ts';
import type { AttackComparison } from './compare.ts';
import type { PhysicalResults } from './results.ts';

/** The run's answer in sentences, for people: what the comparison of two attacks says at each strength, and how sure it is. */
export function headline(run: Run, results: PhysicalResults): string[] {
  if (results.captures.taken === 0) return ['Nothing is photographed yet.'];
  if (results.comparisons.length === 0) return singleAttack(run, results);
  return results.comparisons.map((comparison) =>
    [onFiles(run, comparison), onPaper(run, results, comparison), verdict(run, comparison)].join(' '),
  );
}

function singleAttack(run: Run, { rows }: PhysicalResults): string[] {
  const [row] = rows;
  if (row === undefined) return [];
  const name = title(run, row.variant);
  return [
    `${capital(name)}: ${showProportion(row.photoFooled)} of its photographs fool ${row.model}; its destruction rate is ${showProportion(row.destruction)}.`,
  ];
}

function onFiles(run: Run, { first, second, fileFooled }: AttackComparison): string {
  const { n, both, onlyFirst, onlySecond } = fileFooled;
  const one = share(both + onlyFirst, n);
  const two = share(both + onlySecond, n);
  return `As files, ${title(run, first)} is misclassified in ${one} and ${title(run, second)} in ${two}: ${told(fileFooled.told)}.`;
}

function onPaper(run: Run, { rows }: PhysicalResults, { model, first, second }: AttackComparison): string {
  const rate = (variant: string): Proportion =>
    rows.find((row) => row.model === model && row.variant === variant)!.destruction;
  return `Print and camera destroy ${showProportion(rate(first))} of ${title(run, first)} and ${showProportion(rate(second))} of ${title(run, second)}.`;
}

function verdict(run: Run, { first, second, destruction }: AttackComparison): string {
  if (destruction.images === 0)
    return 'No image was fooled by both and photographed, so nothing can be compared.';
  if (destruction.value === 0) {
    return `Both lose the same share (95% ${interval(destruction)} points, ${destruction.images} images): ${told(false)}.`;
  }
  const [more, less] = destruction.value >= 0 ? [first, second] : [second, first];
  const difference = `${title(run, more)} loses ${points(Math.abs(destruction.value))} points more than ${title(run, less)}`;
  return `${capital(difference)} (95% ${interval(destruction)}, ${probability(destruction.p)}, ${destruction.images} images): ${told(destruction.told)}.`;
}

function told(apart: boolean): string {
  return apart ? 'the data tell the two apart' : 'the data can’t tell the two apart';
}

function interval({ value, low, high }: Difference): string {
  return value >= 0 ? `${points(low)} to ${points(high)}` : `${points(-high)} to ${points(-low)}`;
}

function probability(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
}

function points(value: number): string {
  return (100 * value).toFixed(1).replace('-', '−');
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
