import type { Job, LabApi } from '../lab/api.ts';

/** What a person is asked who closes the window. */
export interface LeavingQuestion {
  readonly message: string;
  readonly detail: string;
}

/** Asked where a job is at work or waits to; undefined where nothing is lost by leaving. */
export function leavingQuestion(jobs: readonly Job[]): LeavingQuestion | undefined {
  const active = jobs.filter(({ state }) => state === 'running' || state === 'queued');
  const [first] = active;
  if (first === undefined) return undefined;
  const message =
    active.length === 1 ? `‘${first.title}’ is at work. Quit?` : `${active.length} jobs are at work. Quit?`;
  return { message, detail: 'What is done is kept, and can be gone on with when Halftone is opened again.' };
}

const RETRY_MS = 1_000;

/**
 * Follows the lab's jobs, so that whoever closes the window can be answered at once: a quit that is held back to ask
 * the lab first would hold back the system's shutdown too. Gives back the way to what is known.
 */
export function followJobs(lab: () => LabApi): () => readonly Job[] {
  let jobs: readonly Job[] = [];
  const follow = async () => {
    const api = lab();
    for (let since = 0; ; ) ({ jobs, version: since } = await api.watch({ since }));
  };
  const keepUp = async () => {
    for (;;) {
      // The lab's process ended: nothing is at work until it is started again.
      await follow().catch(() => undefined);
      jobs = [];
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
  void keepUp();
  return () => jobs;
}
