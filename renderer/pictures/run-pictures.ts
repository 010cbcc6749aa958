import { computed, type MaybeRefOrGetter, shallowRef, toValue, watch } from 'vue';
import { useLab } from '../stores/lab.ts';
import { decodePicture } from './decode.ts';
import type { Pixels } from './difference.ts';
import { PictureCache } from './picture-cache.ts';

/** Where an image of a run lies in its folder. `variant` is `clean` or an attack's key. */
export function imagePath(variant: string, source: number): string {
  return `images/${variant}/${String(source).padStart(4, '0')}.png`;
}

const cache = new PictureCache(async (name) => {
  const [id, path] = splitName(name);
  return decodePicture(await (await useLab().lab()).runFile({ id, path }));
});

function nameOf(id: string, path: string): string {
  return `${id}\n${path}`;
}

function splitName(name: string): [string, string] {
  const at = name.indexOf('\n');
  return [name.slice(0, at), name.slice(at + 1)];
}

/** Forgets pictures of a run under a path: they were made anew. */
export function forgetPictures(run: string, under = ''): void {
  cache.forget((name) => name.startsWith(nameOf(run, under)));
}

/**
 * A picture of a run's folder, and why it can't be shown. Nothing while another is on its way; with `hold` the one
 * before, for a picture that stands alone and would flicker: in a row of many it would stand for what it isn't.
 */
export function useRunPicture(
  run: MaybeRefOrGetter<string | undefined>,
  path: MaybeRefOrGetter<string | undefined>,
  { hold = false }: { readonly hold?: boolean } = {},
) {
  const pixels = shallowRef<Pixels>();
  const error = shallowRef<unknown>();
  const name = computed(() => {
    const [id, file] = [toValue(run), toValue(path)];
    return id === undefined || file === undefined ? undefined : nameOf(id, file);
  });
  watch(
    name,
    (wanted, _before, whenStale) => {
      error.value = undefined;
      const known = wanted === undefined ? undefined : cache.peek(wanted);
      if (known !== undefined || wanted === undefined || !hold) pixels.value = known;
      if (wanted === undefined || known !== undefined) return;
      const wish = cache.want(wanted);
      let stale = false;
      whenStale(() => {
        stale = true;
        wish.giveUp();
      });
      wish.pixels.then(
        (found) => {
          if (!stale) pixels.value = found;
        },
        (cause) => {
          if (stale) return;
          pixels.value = undefined;
          error.value = cause;
        },
      );
    },
    { immediate: true },
  );
  return { pixels, error };
}

/** A picture of a run's folder. Throws what the lab says, and where it is none. */
export function runPicture(id: string, path: string): Promise<Pixels> {
  return cache.want(nameOf(id, path)).pixels;
}
