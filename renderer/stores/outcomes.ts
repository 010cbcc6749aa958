import { defineStore } from 'pinia';
import { onBeforeUnmount, ref, shallowRef, watch } from 'vue';
import type { RunOutcomes } from '../../lab/api.ts';
import { useJobs } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';
import { useOpenRun } from './open-run.ts';

/** What the open run says so far: read while a page shows it. */
const useOutcomesStore = defineStore('outcomes', () => {
  const lab = useLab();
  const jobs = useJobs();
  const run = useOpenRun();
  const outcomes = shallowRef<RunOutcomes | null>(null);
  const busy = ref(false);
  const error = shallowRef<unknown>();
  const holders = ref(0);
  let again = false;
  /** The run that `outcomes` is of. */
  let of: string | undefined;

  /** One question at a time: what changes meanwhile is asked for once it is answered. */
  async function refresh(): Promise<void> {
    if (busy.value) {
      again = true;
      return;
    }
    busy.value = true;
    do {
      again = false;
      await ask();
    } while (again);
    busy.value = false;
  }

  async function ask(): Promise<void> {
    const id = run.id;
    if (id !== of) forget();
    of = id;
    if (id === undefined) return;
    try {
      const answer = await (await lab.lab()).runOutcomes({ id });
      if (run.id !== id) return;
      outcomes.value = answer;
      error.value = undefined;
    } catch (cause) {
      if (run.id === id && !isLineLost(cause)) error.value = cause;
    }
  }

  /** What was said of another run, or is wrong with it, isn't this one's. */
  function forget(): void {
    outcomes.value = null;
    error.value = undefined;
  }

  watch(
    () => (holders.value > 0 && run.id !== undefined ? `${run.id} ${jobs.topic(`run:${run.id}`)}` : ''),
    (held) => {
      if (held !== '') void refresh();
      else if (run.id === undefined) forget();
    },
  );

  return { outcomes, busy, error, holders, refresh };
});

/** The open run's outcomes, kept up to date for as long as the calling component is there. */
export function useOutcomes() {
  const store = useOutcomesStore();
  store.holders += 1;
  onBeforeUnmount(() => {
    store.holders -= 1;
  });
  return store;
}
