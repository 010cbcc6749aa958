import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { RunFacts, TrashedRun } from '../../lab/api.ts';
import { runLines } from '../runs/list.ts';
import { onTopic, useJobs } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';
import { useRunList } from './run-list.ts';

/** The lab's runs with their facts, and its trash. Read when first used and again when runs change. */
export const useRuns = defineStore('runs', () => {
  const lab = useLab();
  const jobs = useJobs();
  const list = useRunList();
  const facts = shallowRef<ReadonlyMap<string, RunFacts>>(new Map());
  const trash = shallowRef<readonly TrashedRun[]>([]);
  const loaded = ref(false);
  const error = shallowRef<unknown>();
  const lines = computed(() => runLines(list.runs, facts.value));
  let reading = false;
  let again = false;

  onTopic(() => 'runs', reload);

  /** One question at a time; what changes meanwhile is asked for after it. */
  async function reload(): Promise<void> {
    again = reading;
    if (reading) return;
    reading = true;
    do {
      again = false;
      await read();
    } while (again);
    reading = false;
  }

  async function read(): Promise<void> {
    try {
      await list.reload();
      if (list.error !== undefined) throw list.error;
      loaded.value = true;
      error.value = undefined;
      trash.value = await (await lab.lab()).listTrash();
      await readFacts();
    } catch (cause) {
      if (!isLineLost(cause)) error.value = cause;
      loaded.value = true;
    }
  }

  /** Facts walk through all files of a run: they are asked for where they are missing, and of runs at work. */
  async function readFacts(): Promise<void> {
    const busy = new Set(jobs.jobs.map(({ subject }) => subject));
    const ids = list.runs
      .filter(({ id, problem }) => problem === undefined && (!facts.value.has(id) || busy.has(id)))
      .map(({ id }) => id);
    if (ids.length === 0) return;
    const found = await (await lab.lab()).runFacts({ ids });
    facts.value = new Map([...facts.value, ...found.map((fact) => [fact.id, fact] as const)]);
  }

  /** Facts of a run that this page changed are asked for anew. */
  async function refresh(): Promise<void> {
    facts.value = new Map();
    await reload();
  }

  return { facts, trash, loaded, error, lines, reload, refresh };
});
