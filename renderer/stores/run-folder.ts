import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import { openRunFolder } from '../connection/run-files.ts';
import { useLab } from './lab.ts';

/** What is said of a run's folder: where it is, or why that can't be told. */
export interface FolderNote {
  readonly folder?: string;
  readonly error?: unknown;
}

/** Where a run's folder is: shown by the desktop's file manager, and told in a browser. */
export const useRunFolder = defineStore('run-folder', () => {
  const lab = useLab();
  const note = shallowRef<FolderNote>();

  async function show(id: string): Promise<void> {
    try {
      if (await openRunFolder(id)) return;
      note.value = { folder: (await (await lab.lab()).openRun({ id })).folder };
    } catch (error) {
      note.value = { error };
    }
  }

  return { note, show };
});
