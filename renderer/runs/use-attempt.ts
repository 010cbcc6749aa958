import { shallowRef } from 'vue';
import type { LabApi } from '../../lab/api.ts';
import { useLab } from '../stores/lab.ts';

/** Asks the lab for things, and keeps what it refused last. */
export function useAttempt() {
  const lab = useLab();
  const error = shallowRef<unknown>();

  /** What the lab gives; undefined where it refuses: `error` says why. */
  async function attempt<T>(act: (api: LabApi) => Promise<T>): Promise<T | undefined> {
    error.value = undefined;
    try {
      return await act(await lab.lab());
    } catch (cause) {
      error.value = cause;
      return undefined;
    }
  }

  return { error, attempt };
}

export type Attempt = ReturnType<typeof useAttempt>['attempt'];
