import type { Proportion } from '../lab/experiments/metrics.ts';
import type { PhysicalResults } from '../lab/experiments/physical/results.ts';
import type { Run } from '../lab/runs/folder.ts';
import { table } from './output.ts';

/** The protocol's table for a terminal: top-1, photographs and files, and the destruction rate. */
export function protocolLines({ record }: Run, { rows, captures }: PhysicalResults): string[] {
  const lines = rows.map((row) => [
    record.variants.find(({ key }) => key === row.variant)?.title ?? row.variant,
    row.model,
    short(row.photo.clean.top1),
    short(row.photo.adversarial.top1),
    short(row.file.clean.top1),
    short(row.file.adversarial.top1),
    short(row.destruction),
  ]);
  const head = ['attack', 'model', 'photo clean', 'photo adv.', 'file clean', 'file adv.', 'destruction'];
  return [
    `top-1 accuracy with 95% intervals; ${captures.used} of ${captures.taken} photographs used, ${captures.crops.used} crops`,
    '',
    ...table([head, ...lines]),
  ];
}

/** `36.4% 28–46 (37/102)`. */
function short({ share, low, high, successes, n }: Proportion): string {
  if (n === 0) return '–';
  const percent = (value: number) => (100 * value).toFixed(0);
  return `${(100 * share).toFixed(1)}% ${percent(low)}–${percent(high)} (${successes}/${n})`;
}
