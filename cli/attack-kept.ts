import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HalftoneError } from '@halftone/sdk';
import { type DigitalRequest, identityOf } from '../lab/experiments/digital.ts';
import { type KeptBatches, openKept } from '../lab/experiments/kept.ts';

/** The options of `halftone attack` that say where its progress is kept. */
export interface KeepOptions {
  readonly keep?: string;
  readonly resume?: true;
}

/** Refuses `--resume` without a folder. */
export function checkKeepOptions({ keep, resume }: KeepOptions): void {
  if (resume && keep === undefined) throw new HalftoneError('bad-argument', '--resume goes with --keep');
}

/** Opens the folder of the run's progress, where one is asked for. Throws as `openKept`. */
export async function openProgress(
  { keep, resume }: KeepOptions,
  model: string,
  request: DigitalRequest,
): Promise<KeptBatches | undefined> {
  if (keep === undefined) return undefined;
  const sha256 = createHash('sha256')
    .update(await readFile(model))
    .digest('hex');
  return openKept(keep, { model: sha256, ...identityOf(request) }, { resume: resume ?? false });
}
