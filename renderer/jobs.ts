import type { Job } from '../lab/api.ts';
import { duration, fileSize } from './words.ts';

const ended: Partial<Record<Job['state'], string>> = {
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled; what is done is kept',
};

/** How far a job is, in a line: `fgsm, epsilon 8/255 · 12 of 20 · 8 s left`. */
export function jobWords({ state, what, done, total, unit, secondsLeft }: Job): string {
  if (state === 'queued') return 'Waits for the job before it';
  const end = ended[state];
  if (end !== undefined) return end;
  const shown = unit === 'bytes' ? fileSize : String;
  const count = total > 0 ? `${shown(done)} of ${shown(total)}` : '';
  const left = secondsLeft === undefined ? '' : `${duration(secondsLeft)} left`;
  return [what ?? 'Starting', count, left].filter(Boolean).join(' · ');
}
