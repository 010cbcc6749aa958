import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { useRouter } from 'vue-router';
import { demoRecipe } from '../bench/demo.ts';
import { useLab } from './lab.ts';
import { useOpenRun } from './open-run.ts';

/** The demo on road signs: it goes through the four steps by itself, and shows each for as long as nobody goes elsewhere. */
export const useDemo = defineStore('demo', () => {
  const lab = useLab();
  const run = useOpenRun();
  const router = useRouter();
  const starting = ref(false);
  const error = shallowRef<unknown>();
  /** The run that is followed through the steps. */
  const followed = ref<string>();
  /** Where the demo put the person last. */
  let at = '';

  async function start(): Promise<void> {
    if (starting.value) return;
    starting.value = true;
    error.value = undefined;
    try {
      const api = await lab.lab();
      const created = await api.createRun({ recipe: demoRecipe });
      run.open(created.id, created);
      followed.value = created.id;
      at = '/bench';
      await router.push(at);
      await api.startRun({ id: created.id, until: 'report' });
    } catch (cause) {
      followed.value = undefined;
      error.value = cause;
    }
    starting.value = false;
  }

  /** The page that the demo is at: the step that is under way. */
  const step = computed(() => {
    if (followed.value === undefined || run.id !== followed.value) return undefined;
    const { Bench, Print, Measure } = run.stepsDone;
    // Not at the first photograph: they come in one after another, which is worth seeing.
    if (Measure) return '/measure';
    if (Print) return '/capture';
    return Bench ? '/print' : '/bench';
  });

  watch(step, async (next) => {
    if (next === undefined || next === at) return;
    const { path } = router.currentRoute.value;
    // Somebody went elsewhere: they are not fetched back.
    if (path !== at || !router.resolve(next).matched.some((record) => record.path === next)) {
      if (path !== at) followed.value = undefined;
      return;
    }
    at = next;
    await router.push(next);
    if (run.stepsDone.Measure) followed.value = undefined;
  });

  return { starting, error, followed, start };
});
