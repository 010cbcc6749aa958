import { defineStore } from 'pinia';
import { computed, type Ref, ref, shallowRef } from 'vue';
import type { ModelSummary } from '../../lab/api.ts';
import { wordsOf } from '../words.ts';
import { useLab } from './lab.ts';
import { useUndo } from './undo.ts';

/** The lab's models and the one that is open. */
export const useModels = defineStore('models', () => {
  const lab = useLab();
  const models = ref<ModelSummary[]>([]);
  const loaded = ref(false);
  const adding = ref('');
  const error = ref('');
  /** What the open model is checked on. */
  const images = shallowRef<readonly File[]>([]);
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

  /** ONNX files are models to add, one after the other; the rest are images to check the open one on. */
  async function take(files: readonly File[]): Promise<void> {
    const added = files.filter(({ name }) => /\.onnx$/i.test(name));
    const rest = files.filter((file) => !added.includes(file));
    if (rest.length > 0) images.value = rest;
    for (const file of added) await add(file);
  }

  const remove = removal(refresh, error, openId);
  return { models, loaded, adding, error, images, open, openId, refresh, take, remove };
});

/** Takes an added model away; there is an undo. */
function removal(refresh: () => Promise<void>, error: Ref<string>, openId: Ref<string | undefined>) {
  const lab = useLab();
  const undo = useUndo();
  return async ({ id, name }: ModelSummary): Promise<void> => {
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
  };
}
