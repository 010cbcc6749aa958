import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import type { Recipe } from '../../lab/api.ts';
import { type Draft, draftOf, firstDraft, recipeOf } from '../bench/draft.ts';
import { draftText, readDraft } from '../bench/kept-draft.ts';
import { useOpenRun } from './open-run.ts';
import { useUndo } from './undo.ts';

const DRAFT_KEY = 'halftone-draft';
const OVER_KEY = 'halftone-draft-over';

/**
 * The run that is being put together on the bench. It stays while the other pages are looked at, and in this browser
 * when the page is loaded anew.
 */
export const useDraft = defineStore('draft', () => {
  const draft = ref<Draft>(readDraft(localStorage.getItem(DRAFT_KEY)) ?? firstDraft());
  const run = useOpenRun();
  const undo = useUndo();
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
    replace(draftOf(recipe));
  }

  /** Begins anew. */
  function reset(): void {
    replace(firstDraft());
  }

  /** What was being put together gives way, and can be had back. */
  function replace(next: Draft): void {
    const old = draft.value;
    draft.value = next;
    shown.value = true;
    const kept = [next, firstDraft()].some((other) => sameRecipe(other, old));
    if (kept) return;
    undo.offer({
      text: `Put the draft ‘${old.name}’ away`,
      undo: () => {
        draft.value = old;
      },
    });
  }

  return { draft, shown, take, reset };
});

function sameRecipe(one: Draft, other: Draft): boolean {
  return JSON.stringify(recipeOf(one)) === JSON.stringify(recipeOf(other));
}
