import { ref, shallowRef } from 'vue';

/** Work that a button begins: once at a time, with what went wrong until it is tried again. */
export function useAttempt<A extends unknown[]>(work: (...given: A) => Promise<unknown>) {
  const busy = ref(false);
  const error = shallowRef<unknown>();

  /** Whether it was done. */
  async function attempt(...given: A): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    error.value = undefined;
    try {
      await work(...given);
      return true;
    } catch (cause) {
      error.value = cause;
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, error, attempt };
}
