import type { Measurement, Settings } from './measure.ts';
import type { TorchVersions } from './peer.ts';
import { circumstances, line } from './results.ts';
import { geometricMean } from './statistics.ts';

/** The section of `RESULTS.md` on input gradients. */

const COLUMNS = [
  'model',
  'forward: ours, ms',
  'PyTorch, ms',
  'ratio',
  'forward + gradient: ours, ms',
  'PyTorch, ms',
  'ratio',
  'error: ours',
  'PyTorch',
];

/** One line of the table; a ratio above 1 means that ours is faster. */
export function row({ name, forward, gradient, error }: Measurement): string {
  const times = [forward, gradient].flatMap(({ ours, torch }) => [
    ours.toFixed(0),
    torch.toFixed(0),
    (torch / ours).toFixed(2),
  ]);
  return line([name, ...times, error.ours.toExponential(1), error.torch.toExponential(1)]);
}

/**
 * The models whose gradient is further from float64 than it may be: 1e-4, or twice as far as PyTorch's where
 * float32 flips branches of ReLU and max-pool, which happens at random.
 */
export function inexact(measurements: readonly Measurement[]): string[] {
  return measurements
    .filter(({ error }) => !(error.ours <= Math.max(1e-4, 2 * error.torch)))
    .map(({ name }) => name);
}

/** The whole section: what was measured on what, the table, the geometric means. */
export function report(
  measurements: readonly Measurement[],
  settings: Settings,
  versions: TorchVersions,
): string {
  const mean = (of: 'forward' | 'gradient'): string =>
    geometricMean(measurements.map((m) => m[of].torch / m[of].ours)).toFixed(2);
  const means = ['geometric mean', '', '', mean('forward'), '', '', mean('gradient'), '', ''];
  const wrong = inexact(measurements);
  return [
    '# Input gradients: ours and PyTorch',
    '',
    `Batch ${settings.batch}, ${settings.threads} threads, float32 on the CPU, medians of ${settings.rounds} alternated ` +
      'repetitions; a ratio above 1 means that ours is faster. The gradient is that of the mean cross-entropy at the ' +
      'input, with the forward pass; ours includes the way to the worker and back.',
    `Errors are relative L2 distances from PyTorch's float64 gradient, ${settings.checkBatch} images. Weights are random, ` +
      'normalisation calibrated (`python/export_models.py`).',
    '',
    circumstances(versions),
    '',
    line(COLUMNS),
    line(['---', ...COLUMNS.slice(1).map(() => '---:')]),
    ...measurements.map(row),
    line(means),
    '',
    wrong.length === 0
      ? 'Every gradient is as exact as it should be.'
      : `Too far from float64: ${wrong.join(', ')}.`,
    '',
    'Again: `node bench/compare.ts --batch 8 --threads 2`.',
    '',
  ].join('\n');
}
