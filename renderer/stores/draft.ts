import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { Recipe } from '../../lab/api.ts';
import { type Draft, draftOf, firstDraft } from '../bench/draft.ts';

/** The run that is being put together on the bench. It stays while the other pages are looked at. */
export const useDraft = defineStore('draft', () => {
  const draft = ref<Draft>(firstDraft());
  /** The bench shows the draft rather than the open run. */
  const shown = ref(false);

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
