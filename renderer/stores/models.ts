import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { ModelSummary } from '../../lab/api.ts';
import { wordsOf } from '../words.ts';
import { useLab } from './lab.ts';

/** The lab's models and the one that is open. */
export const useModels = defineStore('models', () => {
  const lab = useLab();
  const models = ref<ModelSummary[]>([]);
  const loaded = ref(false);
  const adding = ref('');
  const error = ref('');
  const openId = ref<string>();
  const open = computed(() => models.value.find(({ id }) => id === openId.value) ?? models.value[0]);

  /** Reads the list from the lab. */
  async function refresh(): Promise<void> {
    try {
      models.value = await (await lab.lab()).listModels();
      error.value = '';
    } catch (cause) {
      error.value = wordsOf(cause);
    }
    loaded.value = true;
  }

  /** Hands an ONNX file to the lab and opens it. */
  async function add(file: File): Promise<void> {
    adding.value = file.name;
    error.value = '';
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const added = await (await lab.lab()).addModel({ name: file.name, bytes });
      await refresh();
      openId.value = added.id;
    } catch (cause) {
      error.value = `${file.name}: ${wordsOf(cause)}`;
    }
    adding.value = '';
  }

  return { models, loaded, adding, error, open, openId, refresh, add };
});
