import type { Lab } from '../lab/lab.ts';

/** Waits for the job on a run, as a page does: by watching. Throws what the job failed of. */
export async function finished(lab: Lab, id: string): Promise<void> {
  for (let since = 0; ; ) {
    const { jobs, version } = await lab.watch({ since });
    const own = jobs.find(({ subject }) => subject === id);
    if (own?.error) throw new Error(own.error.message);
    if (own?.state === 'done') return;
    since = version;
  }
}
