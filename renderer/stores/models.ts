import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { ModelSummary } from '../../lab/api.ts';
import { wordsOf } from '../words.ts';
import { useLab } from './lab.ts';
import { useUndo } from './undo.ts';

/** The lab's models and the one that is open. */
export const useModels = defineStore('models', () => {
  const lab = useLab();
  const undo = useUndo();
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

  /** Takes an added model away; there is an undo. */
  async function remove({ id, name }: ModelSummary): Promise<void> {
    error.value = '';
    try {
      await (await lab.lab()).removeModel({ id });
    } catch (cause) {
      error.value = `${name}: ${wordsOf(cause)}`;
      return;
    }
    await refresh();
    undo.offer({
      text: `Removed ${name}`,
      undo: async () => {
        await (await lab.lab()).restoreModel({ id });
        await refresh();
        openId.value = id;
      },
    });
  }

  return { models, loaded, adding, error, open, openId, refresh, add, remove };
});
