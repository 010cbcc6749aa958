import { nextTick, type WatchSource, watch } from 'vue';

const focusable = 'button:not(:disabled), [tabindex]';

/**
 * Keeps the focus in a list whose entry with the focus is removed: it goes to the one that follows, or to the last.
 * Without it the focus falls to the page, and whoever works by keys begins at its top. `list` holds an element for each
 * entry; `entries` changes with them; `moved` gets the number of the one that has the focus now.
 */
export function keepFocus(
  list: () => HTMLElement | null,
  entries: WatchSource<unknown>,
  moved: (index: number) => void = () => undefined,
): void {
  // Before the page is drawn anew: what is removed is still there.
  watch(entries, async () => {
    const before = [...(list()?.children ?? [])];
    const held = before.findIndex((entry) => entry.contains(document.activeElement));
    if (held < 0) return;
    await nextTick();
    const after = [...(list()?.children ?? [])];
    if (after.length === 0 || after.some((entry) => entry.contains(document.activeElement))) return;
    // Those that stay keep their elements: as many as were before it are before the one that follows.
    const at = before.slice(0, held).filter((entry) => after.includes(entry)).length;
    const index = Math.min(at, after.length - 1);
    const next = after[index]!;
    const target = next.matches(focusable) ? next : next.querySelector(focusable);
    if (target instanceof HTMLElement) target.focus();
    moved(index);
  });
}
