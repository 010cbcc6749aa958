import { type MaybeRefOrGetter, onScopeDispose, shallowRef, toValue, watch } from 'vue';
import { useLab } from '../stores/lab.ts';
import type { Pixels } from './difference.ts';
import { decodePicture, PictureCache } from './picture-cache.ts';

/** Where an image of a run lies in its folder. `variant` is `clean` or an attack's key. */
export function imagePath(variant: string, source: number): string {
  return `images/${variant}/${String(source).padStart(4, '0')}.png`;
}

const cache = new PictureCache(async (name) => {
  const [id, path] = splitName(name);
  return decodePicture(await (await useLab().lab()).runFile({ id, path }));
});

function splitName(name: string): [string, string] {
  const at = name.indexOf('\n');
  return [name.slice(0, at), name.slice(at + 1)];
}

/** Forgets pictures of a run under a path: they were made anew. */
export function forgetPictures(run: string, under = ''): void {
  cache.forget((name) => name.startsWith(`${run}\n${under}`));
}

/** A picture of a run's folder, and why it can't be shown. */
export function useRunPicture(
  run: MaybeRefOrGetter<string | undefined>,
  path: MaybeRefOrGetter<string | undefined>,
) {
  const pixels = shallowRef<Pixels>();
  const error = shallowRef<unknown>();
  let gone = false;
  onScopeDispose(() => {
    gone = true;
  });
  watch(
    () => [toValue(run), toValue(path)] as const,
    async ([id, file]) => {
      error.value = undefined;
      if (id === undefined || file === undefined) {
        pixels.value = undefined;
        return;
      }
      const isStale = () => gone || toValue(run) !== id || toValue(path) !== file;
      try {
        const found = await cache.get(`${id}\n${file}`);
        if (!isStale()) pixels.value = found;
      } catch (cause) {
        if (isStale()) return;
        pixels.value = undefined;
        error.value = cause;
      }
    },
    { immediate: true },
  );
  return { pixels, error };
}

/** A picture of a run's folder. Throws what the lab says, and where it is none. */
export function runPicture(id: string, path: string): Promise<Pixels> {
  return cache.get(`${id}\n${path}`);
}
