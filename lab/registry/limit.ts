import { HalftoneError } from '@halftone/sdk/errors';

/** Work that may take a while but not for ever. */
export interface Limit {
  /** No limit by default. */
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does the work with a signal that aborts on the caller's and when the time is over. Throws `time-limit` then, where
 * the work ends in `cancelled`, and otherwise what the work throws. `what` names it in the message.
 */
export async function withinLimit<T>(
  { seconds, signal }: Limit,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const outer = signal ?? new AbortController().signal;
  if (seconds === undefined) return work(outer);
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), seconds * 1000);
  try {
    return await work(AbortSignal.any([outer, timer.signal]));
  } catch (error) {
    const isOver = timer.signal.aborted && !outer.aborted;
    if (!isOver || !(error instanceof HalftoneError) || error.code !== 'cancelled') throw error;
    throw new HalftoneError('time-limit', `${what} took longer than its limit of ${seconds} s`, {
      cause: error,
    });
  } finally {
    clearTimeout(timeout);
  }
}

/** How long work that was asked to stop may take to put away its things. */
const GRACE_MS = 1000;

/**
 * Waits for work that may not heed its signal: some time after the signal aborts it is left alone and this throws
 * `cancelled`. `late` gets what the work gives after that. Work that never lets go of the thread can't be left.
 */
export async function orAbandon<T>(
  working: Promise<T>,
  signal: AbortSignal,
  late: (result: T) => void,
): Promise<T> {
  let timeout: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  let abandoned = false;
  const left = new Promise<never>((_, reject) => {
    onAbort = () => {
      timeout = setTimeout(() => {
        abandoned = true;
        reject(new HalftoneError('cancelled', 'cancelled'));
      }, GRACE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  working.then((result) => abandoned && late(result)).catch(() => {});
  try {
    return await Promise.race([working, left]);
  } finally {
    clearTimeout(timeout);
    signal.removeEventListener('abort', onAbort);
  }
}
