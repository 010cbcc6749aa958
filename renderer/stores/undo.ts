import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { wordsOf } from '../words.ts';

/** What was destroyed, and the way back. */
export interface Undoable {
  /** What happened, as a sentence without its full stop: `Deleted run demo`. */
  readonly text: string;
  readonly undo: () => unknown;
}

/** The last thing that was destroyed: it stays on the screen until it is undone, dismissed or replaced. */
export const useUndo = defineStore('undo', () => {
  const last = shallowRef<Undoable>();
  const busy = ref(false);
  const error = ref('');

  function offer(next: Undoable): void {
    last.value = next;
    error.value = '';
  }

  async function undo(): Promise<void> {
    const doing = last.value;
    if (doing === undefined || busy.value) return;
    busy.value = true;
    error.value = '';
    try {
      await doing.undo();
      if (last.value === doing) last.value = undefined;
    } catch (cause) {
      error.value = wordsOf(cause);
    }
    busy.value = false;
  }

  function dismiss(): void {
    last.value = undefined;
    error.value = '';
  }

  return { last, busy, error, offer, undo, dismiss };
});
