import { computed, onBeforeUnmount, ref, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { useCaptures } from '../stores/captures.ts';
import { captureState } from './capture-words.ts';

/** How long a good photograph is shown before Measure is: hands that hold a sheet press no key. */
const SHOWN_MS = 1500;

/** One sheet to be photographed again, as Measure asks for it: `/capture?sheet=3`. */
export function useRetake() {
  const store = useCaptures();
  const route = useRoute();
  const router = useRouter();
  /** Its number, where it is a sheet of the run. */
  const sheet = computed(() => {
    const asked = Number(route.query.sheet);
    return store.sheets.find((each) => each.sheet === asked)?.sheet;
  });
  /** What this window had added before. */
  const before = ref<readonly string[]>([]);
  watch(
    () => route.query.sheet,
    () => {
      before.value = store.added;
    },
    { immediate: true },
  );
  /** The photograph of it that was taken since. */
  const taken = computed(() =>
    store.captures.findLast(
      (capture) =>
        capture.sheet === sheet.value &&
        store.added.includes(capture.name) &&
        !before.value.includes(capture.name),
    ),
  );
  const state = computed(() => taken.value && captureState(taken.value));

  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(state, (now) => {
    clearTimeout(timer);
    if (now?.kind === 'good') timer = setTimeout(goBack, SHOWN_MS);
  });
  onBeforeUnmount(() => clearTimeout(timer));

  /** To the image on Measure that was looked at. */
  function goBack(): void {
    const { sheet: _, ...query } = route.query;
    void router.push({ path: '/measure', query });
  }

  /** Goes on as without it. */
  function giveUp(): void {
    clearTimeout(timer);
    const { sheet: _, image: __, ...query } = route.query;
    void router.replace({ query });
  }

  return { sheet, taken, state, goBack, giveUp };
}
