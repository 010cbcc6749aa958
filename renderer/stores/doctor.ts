import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { About, DoctorReport } from '../../lab/api.ts';
import { wordsOf } from '../words.ts';
import { isLineLost, useLab } from './lab.ts';

/** What runs here: asked once a page load, again on demand. */
export const useDoctor = defineStore('doctor', () => {
  const lab = useLab();
  const about = ref<About>();
  const report = ref<DoctorReport>();
  const busy = ref(false);
  const error = ref('');
  /** The provider that the lab would take: the first that is available. */
  const provider = computed(() => report.value?.providers.find(({ available }) => available));

  async function examine(): Promise<void> {
    busy.value = true;
    error.value = '';
    try {
      const api = await lab.lab();
      about.value = await api.about();
      report.value = await api.doctor();
    } catch (cause) {
      // Asked again over the next line.
      if (isLineLost(cause)) return examine();
      error.value = wordsOf(cause);
    }
    busy.value = false;
  }

  return { about, report, busy, error, provider, examine };
});
