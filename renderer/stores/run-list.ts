import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { RunListed } from '../../lab/api.ts';
import { onTopic, useJobs } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';

/** The lab's runs as a list has them, newest first: read once for all who show them, and again when runs change. */
export const useRunList = defineStore('run-list', () => {
  const lab = useLab();
  const jobs = useJobs();
  const runs = shallowRef<readonly RunListed[]>([]);
  const loaded = ref(false);
  const error = shallowRef<unknown>();
  let asked: { readonly version: string; readonly answer: Promise<void> } | undefined;
  /** Counts questions: the answer to an older one is dropped. */
  let question = 0;

  onTopic(() => 'runs', reload);

  /** Several that ask because of the same change get one answer. */
  function reload(): Promise<void> {
    const version = jobs.topic('runs');
    if (asked?.version === version) return asked.answer;
    question += 1;
    const mine = question;
    const answer = read(() => mine === question).finally(() => {
      if (mine === question) asked = undefined;
    });
    asked = { version, answer };
    return answer;
  }

  async function read(isLatest: () => boolean): Promise<void> {
    try {
      const found = await (await lab.lab()).listRuns();
      if (!isLatest()) return;
      runs.value = found;
      loaded.value = true;
      error.value = undefined;
    } catch (cause) {
      if (isLatest() && !isLineLost(cause)) error.value = cause;
    }
  }

  return { runs, loaded, error, reload };
});
