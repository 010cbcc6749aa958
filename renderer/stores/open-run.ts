import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { RunDetail } from '../../lab/api.ts';
import { onTopic, useJobs } from './jobs.ts';
import { isLineLost, isMissing, useLab } from './lab.ts';

const KEY = 'halftone-run';

/** The run that everything is about. It stays open over a reload, and in the address as `?run=ID`. */
export const useOpenRun = defineStore('open-run', () => {
  const lab = useLab();
  const jobs = useJobs();
  const id = ref<string | undefined>(sessionStorage.getItem(KEY) ?? undefined);
  const detail = shallowRef<RunDetail>();
  const error = shallowRef<unknown>();
  /** The run's job, if one is at work on it. */
  const job = computed(() => jobs.running.find(({ subject }) => subject === id.value));
  /** The last job on the run, at work or ended. */
  const lastJob = computed(() => (id.value === undefined ? undefined : jobs.jobOn(id.value)));
  const title = computed(() => detail.value?.record.title ?? id.value);
  const stepsDone = computed(() => stepsOf(detail.value));

  onTopic(
    () => (id.value === undefined ? undefined : `run:${id.value}`),
    () => reload(),
  );

  /** Reads the open run anew. An answer about a run that is no longer open is dropped. */
  async function reload(): Promise<void> {
    const asked = id.value;
    if (asked === undefined) return;
    try {
      const found = await (await lab.lab()).openRun({ id: asked });
      if (id.value !== asked) return;
      detail.value = found;
      error.value = undefined;
    } catch (cause) {
      if (id.value !== asked || isLineLost(cause)) return;
      error.value = cause;
      if (isMissing(cause)) detail.value = undefined;
    }
  }

  /** Opens another run. The address follows; see `router.ts`. */
  function open(next: string, known?: RunDetail): void {
    if (next === id.value) return;
    sessionStorage.setItem(KEY, next);
    detail.value = known;
    error.value = undefined;
    id.value = next;
  }

  function close(): void {
    sessionStorage.removeItem(KEY);
    id.value = undefined;
    detail.value = undefined;
    error.value = undefined;
  }

  /** Throws what the lab says. Another run may be open by the time that the line is up: it keeps its name. */
  async function rename(next: string): Promise<void> {
    const named = id.value;
    if (named === undefined) return;
    await (await lab.lab()).renameRun({ id: named, title: next });
    await reload();
  }

  return { id, detail, error, job, lastJob, title, stepsDone, open, close, reload, rename };
});

/** Which of the four steps a run is through, by their pages' names. */
function stepsOf(detail: RunDetail | undefined): Readonly<Record<string, boolean>> {
  return {
    Bench: detail?.examplesDone ?? false,
    Print: (detail?.sheets ?? 0) > 0,
    Capture: (detail?.captures.used ?? 0) > 0,
    Measure: detail?.measured ?? false,
  };
}
