import { onBeforeUnmount, ref, watch } from 'vue';
import { largePreview } from './thumbnails.ts';

/**
 * The address of a photograph's picture, as wide as a dialog; empty until it is there. `unseen`: it has none, and the
 * photograph's own words say why. With `hold` the picture before stays until the next is there.
 */
export function usePreview(run: () => string, name: () => string | undefined, { hold = false } = {}) {
  const picture = ref('');
  const unseen = ref(false);

  function show(next: string): void {
    if (picture.value) URL.revokeObjectURL(picture.value);
    picture.value = next;
  }

  watch(
    [run, name],
    async ([ofRun, wanted]) => {
      if (!hold) show('');
      unseen.value = false;
      if (wanted === undefined) return;
      try {
        const blob = await largePreview(ofRun, wanted);
        if (wanted === name() && ofRun === run()) show(URL.createObjectURL(blob));
      } catch {
        unseen.value = wanted === name();
      }
    },
    { immediate: true },
  );
  onBeforeUnmount(() => show(''));
  return { picture, unseen };
}
