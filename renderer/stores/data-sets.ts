import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { DataSetListed } from '../../lab/api.ts';
import { useAsk } from './ask.ts';
import { onTopic } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';
import { useUndo } from './undo.ts';

/** The data sets that go by a name: those that are here and those that can be fetched. */
export const useDataSets = defineStore('data-sets', () => {
  const lab = useLab();
  const undo = useUndo();
  const sets = shallowRef<readonly DataSetListed[]>([]);
  const loaded = ref(false);
  const { error, ask } = useAsk();

  onTopic(
    () => ['data', 'plugins'],
    async () => {
      try {
        sets.value = await (await lab.lab()).listDataSets();
        loaded.value = true;
      } catch (cause) {
        if (!isLineLost(cause)) error.value = cause;
      }
    },
  );

  /** Begins to fetch a set, or goes on where that was broken off. */
  const fetch = ({ name }: DataSetListed) => ask((api) => api.fetchData({ name }));

  /** Puts a fetched set away; there is an undo. */
  async function remove({ name }: DataSetListed): Promise<void> {
    const gone = await ask(async (api) => {
      await api.removeData({ name });
      return true;
    });
    if (!gone) return;
    undo.offer({ text: `Removed ${name}`, undo: async () => (await lab.lab()).restoreData({ name }) });
  }

  return { sets, loaded, error, fetch, remove };
});
