import { throwIfCancelled } from '@halftone/sdk';
import { HalftoneError } from '@halftone/sdk/errors';

/**
 * Does work on each of some items, some at once, begun in their order. The answers are in the order of the items. Where
 * one goes wrong the others are cancelled and waited for, and what went wrong first is thrown; `cancelled` by the signal.
 *
 * @param work is given a signal that ends with the caller's, and when another item went wrong.
 */
export async function inLanes<Item, Answer>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, signal: AbortSignal) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer[]> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const answers: Answer[] = [];
  const rest = items.entries();
  const lane = async () => {
    for (const [i, item] of rest) {
      throwIfCancelled(either);
      answers[i] = await work(item, either);
    }
  };
  const running = Array.from({ length: Math.min(lanes, items.length) }, () =>
    lane().catch((error: unknown) => {
      over.abort();
      throw error;
    }),
  );
  const ends = await Promise.allSettled(running);
  throwIfCancelled(signal);
  const wrong = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason as unknown);
  // The others were cancelled for it.
  if (wrong.length > 0) throw wrong.find((error) => !isCancelled(error)) ?? wrong[0];
  return answers;
}

function isCancelled(error: unknown): boolean {
  return error instanceof HalftoneError && error.code === 'cancelled';
}
