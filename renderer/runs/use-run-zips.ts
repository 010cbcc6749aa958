import { ref, shallowRef } from 'vue';
import type { Ask } from '../stores/ask.ts';
import { useRuns } from '../stores/runs.ts';
import { downloadRun, uploadRun } from './zip.ts';

/** Runs out of the lab and into it as zip files, and how far that is. */
export function useRunZips(ask: Ask) {
  const runs = useRuns();
  const packing = shallowRef<{ title: string; done: number; total: number }>();
  /** Name of the file that is being opened. */
  const taking = ref('');

  async function zip(id: string): Promise<void> {
    const title = runs.lines.find((line) => line.id === id)?.title ?? id;
    packing.value = { title, done: 0, total: 0 };
    await ask((api) =>
      downloadRun(api, id, (done, total) => {
        packing.value = { title, done, total };
      }),
    );
    packing.value = undefined;
  }

  /** Opens a run from a file; undefined where it is refused. */
  async function openZip(file: File) {
    taking.value = file.name;
    const opened = await ask((api) => uploadRun(api, file));
    taking.value = '';
    if (opened !== undefined) await runs.reload();
    return opened;
  }

  return { packing, taking, zip, openZip };
}
