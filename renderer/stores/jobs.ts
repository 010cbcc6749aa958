import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { Job, Topic } from '../../lab/api.ts';
import { useLab } from './lab.ts';

const RETRY_MS = 1_000;

/** The lab's work and its news, followed for as long as the page is open. */
export const useJobs = defineStore('jobs', () => {
  const lab = useLab();
  const jobs = shallowRef<readonly Job[]>([]);
  const topics = shallowRef<Readonly<Record<Topic, number>>>({});
  /** Goes up with every line to the lab: another lab counts its versions anew. */
  const epoch = ref(0);
  const running = computed(() => jobs.value.filter(({ state }) => state === 'running' || state === 'queued'));
  let following = false;

  async function follow(): Promise<void> {
    if (following) return;
    following = true;
    for (;;) {
      const api = await lab.lab();
      epoch.value = lab.lines;
      let since = 0;
      try {
        for (;;) {
          const news = await api.watch({ since });
          since = news.version;
          jobs.value = news.jobs;
          topics.value = news.topics;
        }
      } catch {
        // The line was lost, or the lab can't be asked just now; the page says so elsewhere.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** What changes whenever a topic does, or the lab behind it. */
  function topic(name: Topic): string {
    return `${epoch.value}:${topics.value[name] ?? 0}`;
  }

  /** The latest job of a kind on a thing, at work or ended. */
  function jobOn(subject: string | undefined, kind?: string): Job | undefined {
    return jobs.value.findLast((job) => job.subject === subject && (kind === undefined || job.kind === kind));
  }

  async function cancel(id: string): Promise<void> {
    await (await lab.lab()).cancelJob({ id });
  }

  async function dismiss(id: string): Promise<void> {
    await (await lab.lab()).dismissJob({ id });
  }

  return { jobs, running, topics, epoch, follow, topic, jobOn, cancel, dismiss };
});

/** Calls `reload` now and whenever one of the topics changes, for as long as the calling component or store is there. */
export function onTopic(names: () => Topic | readonly Topic[] | undefined, reload: () => unknown): void {
  const jobs = useJobs();
  watch(
    () =>
      [names() ?? []]
        .flat()
        .map((name) => `${name} ${jobs.topic(name)}`)
        .join('\n'),
    () => reload(),
    { immediate: true },
  );
}
