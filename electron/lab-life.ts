/** When the lab's process is started again after it ended. */
export interface Life {
  /** The process ended by itself: whether to start it again. `now` in milliseconds. */
  mayRestart(now: number): boolean;
}

const MOST_ENDS = 3;
const WITHIN_MS = 60_000;

/** Restarts a lab that ends now and then, not one that can't stay up: three ends within a minute are enough. */
export function createLife(): Life {
  let ends: number[] = [];
  return {
    mayRestart(now) {
      ends = [...ends.filter((end) => now - end < WITHIN_MS), now];
      return ends.length < MOST_ENDS;
    },
  };
}
