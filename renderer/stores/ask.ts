import { shallowRef } from 'vue';
import type { LabApi } from '../../lab/api.ts';
import { useLab } from './lab.ts';

/** Asks the lab for things, and keeps what it refused last. */
export function useAsk() {
  const lab = useLab();
  const error = shallowRef<unknown>();

  /** What the lab gives; undefined where it refuses: `error` says why. */
  async function ask<T>(act: (api: LabApi) => Promise<T>): Promise<T | undefined> {
    error.value = undefined;
    try {
      return await act(await lab.lab());
    } catch (cause) {
      error.value = cause;
      return undefined;
    }
  }

  return { error, ask };
}

export type Ask = ReturnType<typeof useAsk>['ask'];
