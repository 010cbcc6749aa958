import { ref, shallowRef } from 'vue';
import { useRouter } from 'vue-router';
import type { LabApi } from '../../lab/api.ts';
import { useDraft } from '../stores/draft.ts';
import { useJobs } from '../stores/jobs.ts';
import { useLab } from '../stores/lab.ts';
import { useOpenRun } from '../stores/open-run.ts';
import { useRuns } from '../stores/runs.ts';
import { useUndo } from '../stores/undo.ts';
import { counted } from '../words.ts';
import { nextUntil, type RunLine } from './list.ts';
import { downloadRun, uploadRun } from './zip.ts';

/** What can be done with runs of the list, and how far it is. */
export function useRunActions() {
  const lab = useLab();
  const jobs = useJobs();
  const runs = useRuns();
  const openRun = useOpenRun();
  const draft = useDraft();
  const undo = useUndo();
  const router = useRouter();
  const error = shallowRef<unknown>();
  const packing = shallowRef<{ title: string; done: number; total: number }>();
  /** Name of the zip file that is being opened. */
  const taking = ref('');

  async function attempt<T>(act: (api: LabApi) => Promise<T>): Promise<T | undefined> {
    error.value = undefined;
    try {
      return await act(await lab.lab());
    } catch (cause) {
      error.value = cause;
      return undefined;
    }
  }

  function isAtWork(id: string): boolean {
    return jobs.running.some(({ subject }) => subject === id);
  }

  /** Goes on where the run stopped; where only a person can, its next page is shown. */
  async function resume({ id, facts }: RunLine): Promise<void> {
    await attempt(async (api) => {
      const detail = await api.openRun({ id });
      const until = nextUntil(facts?.stage ?? 'new', detail.record.recipe.captures);
      openRun.open(id, detail);
      if (until !== undefined) await api.startRun({ id, until });
      await router.push(until === 'report' ? '/measure' : until === undefined ? '/capture' : '/bench');
    });
  }

  async function duplicate(id: string): Promise<void> {
    await attempt(async (api) => {
      draft.take((await api.duplicateRun({ id })).recipe);
      await router.push('/bench');
    });
  }

  /** Deletes runs, with one way back for all of them. */
  async function remove(doomed: readonly RunLine[]): Promise<void> {
    const open = openRun.id;
    const gone: { id: string; trash: string }[] = [];
    await attempt(async (api) => {
      for (const { id } of doomed) {
        gone.push({ id, trash: (await api.deleteRun({ id })).id });
        if (id === openRun.id) openRun.close();
      }
    });
    await runs.reload();
    if (gone.length === 0) return;
    const name = gone.length === 1 ? `run ${doomed[0]!.title}` : counted(gone.length, 'run');
    undo.offer({
      text: `Deleted ${name}`,
      undo: async () => {
        const api = await lab.lab();
        for (const { id, trash } of gone) {
          const back = await api.restoreRun({ id: trash });
          if (id === open) openRun.open(back.id);
        }
        await runs.reload();
      },
    });
  }

  async function zip(id: string): Promise<void> {
    const title = runs.lines.find((line) => line.id === id)?.title ?? id;
    packing.value = { title, done: 0, total: 0 };
    await attempt((api) =>
      downloadRun(api, id, (done, total) => {
        packing.value = { title, done, total };
      }),
    );
    packing.value = undefined;
  }

  async function openZip(file: File) {
    taking.value = file.name;
    const opened = await attempt((api) => uploadRun(api, file));
    taking.value = '';
    if (opened !== undefined) await runs.reload();
    return opened;
  }

  return { error, packing, taking, isAtWork, open: openRun.open, resume, duplicate, remove, zip, openZip };
}
