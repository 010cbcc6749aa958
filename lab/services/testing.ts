import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../api/contract/jobs.ts';
import type { LabApi } from '../api/contract.ts';
import { createLab, type Lab } from '../lab.ts';

/** What tests of the services share. */

/** An empty lab in a folder of its own, which `close` removes. */
export interface TestLab {
  readonly lab: Lab;
  readonly dataDir: string;
  readonly close: () => Promise<void>;
}

export async function openTestLab(): Promise<TestLab> {
  const dataDir = await mkdtemp(join(tmpdir(), 'halftone-lab-'));
  const lab = createLab({ dataDir });
  return {
    lab,
    dataDir,
    close: async () => {
      await lab.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The lab's jobs once none is at work any more, waited for as a page does: by watching. */
export async function idle(api: LabApi): Promise<readonly Job[]> {
  let since = 0;
  for (;;) {
    const { jobs, version } = await api.watch({ since });
    if (jobs.every(({ state }) => state !== 'queued' && state !== 'running')) return jobs;
    since = version;
  }
}
