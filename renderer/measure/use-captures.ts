import { shallowRef, watch } from 'vue';
import type { CaptureRecord } from '../../lab/api.ts';
import { onTopic } from '../stores/jobs.ts';
import { isLineLost, useLab } from '../stores/lab.ts';

/** A run's photographs, read now and whenever the run changes, for as long as the calling component is there. */
export function useCaptures(run: () => string | undefined) {
  const lab = useLab();
  const captures = shallowRef<readonly CaptureRecord[]>([]);
  const error = shallowRef<unknown>();

  async function reload(): Promise<void> {
    const id = run();
    if (id === undefined) return;
    try {
      const found = await (await lab.lab()).listCaptures({ id });
      if (run() === id) captures.value = found;
      error.value = undefined;
    } catch (cause) {
      if (!isLineLost(cause)) error.value = cause;
    }
  }

  watch(run, () => {
    captures.value = [];
  });
  onTopic(() => {
    const id = run();
    return id === undefined ? undefined : `run:${id}`;
  }, reload);

  /** Puts a changed record in the place of the old one, before the news of it comes. */
  function replace(record: CaptureRecord): void {
    captures.value = captures.value.map((each) => (each.name === record.name ? record : each));
  }

  return { captures, error, replace };
}
