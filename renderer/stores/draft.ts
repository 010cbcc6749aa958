import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import type { Recipe } from '../../lab/api.ts';
import { type Draft, draftOf, firstDraft } from '../bench/draft.ts';
import { draftText, readDraft } from '../bench/kept-draft.ts';
import { useOpenRun } from './open-run.ts';

const DRAFT_KEY = 'halftone-draft';
const OVER_KEY = 'halftone-draft-over';

/**
 * The run that is being put together on the bench. It stays while the other pages are looked at, and in this browser
 * when the page is loaded anew.
 */
export const useDraft = defineStore('draft', () => {
  const draft = ref<Draft>(readDraft(localStorage.getItem(DRAFT_KEY)) ?? firstDraft());
  const run = useOpenRun();
  /** The run that the draft is shown in the place of. */
  const over = ref(sessionStorage.getItem(OVER_KEY) ?? undefined);
  /** The bench shows the draft rather than the open run; a run that is opened later is what the bench is about. */
  const shown = computed({
    get: () => run.id === undefined || over.value === run.id,
    set: (now) => {
      over.value = now ? run.id : undefined;
    },
  });
  watch(draft, (now) => localStorage.setItem(DRAFT_KEY, draftText(now)), { deep: true });
  watch(over, (now) => sessionStorage.setItem(OVER_KEY, now ?? ''));

  /** Puts a recipe on the bench, to be changed and run anew. Go to `/bench` afterwards. */
  function take(recipe: Recipe): void {
    draft.value = draftOf(recipe);
    shown.value = true;
  }

  function reset(): void {
    draft.value = firstDraft();
  }

  return { draft, shown, take, reset };
});
