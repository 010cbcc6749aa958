import { useRouter } from 'vue-router';
import type { Ask } from '../stores/ask.ts';
import { useDraft } from '../stores/draft.ts';
import { useLab } from '../stores/lab.ts';
import { useOpenRun } from '../stores/open-run.ts';
import { useRuns } from '../stores/runs.ts';
import { useUndo } from '../stores/undo.ts';
import { counted } from '../words.ts';
import { nextUntil, type RunLine } from './list.ts';

/** What can be done with runs of the list. */
export function useRunActions(ask: Ask) {
  const lab = useLab();
  const runs = useRuns();
  const openRun = useOpenRun();
  const draft = useDraft();
  const undo = useUndo();
  const router = useRouter();

  /** Goes on where the run stopped; where only a person can, its next page is shown. */
  async function resume({ id, facts }: RunLine): Promise<void> {
    await ask(async (api) => {
      const detail = await api.openRun({ id });
      const until = nextUntil(facts?.stage ?? 'new', detail.record.recipe.captures);
      openRun.open(id, detail);
      if (until !== undefined) await api.startRun({ id, until });
      const pages = { examples: '/bench', sheets: '/print', report: '/measure' };
      await router.push(until === undefined ? '/capture' : pages[until]);
    });
  }

  async function duplicate(id: string): Promise<void> {
    await ask(async (api) => {
      draft.take((await api.duplicateRun({ id })).recipe);
      await router.push('/bench');
    });
  }

  /** Deletes runs, with one way back for all of them. */
  async function remove(doomed: readonly RunLine[]): Promise<void> {
    const open = openRun.id;
    const gone: { id: string; trash: string }[] = [];
    await ask(async (api) => {
      for (const { id } of doomed) {
        gone.push({ id, trash: (await api.deleteRun({ id })).id });
        if (id === openRun.id) openRun.close();
      }
    });
    await runs.reload();
    if (gone.length === 0) return;
    const name = gone.length === 1 ? `run ${doomed[0]!.title}` : counted(gone.length, 'run');
    undo.offer({ text: `Deleted ${name}`, undo: () => restore(gone, open) });
  }

  /** Takes from the list what is back: where one fails, the others needn't be tried again. */
  async function restore(gone: { id: string; trash: string }[], open?: string): Promise<void> {
    const api = await lab.lab();
    try {
      for (let next = gone[0]; next !== undefined; next = gone[0]) {
        const back = await api.restoreRun({ id: next.trash });
        gone.shift();
        if (next.id === open) openRun.open(back.id);
      }
    } finally {
      await runs.reload();
    }
  }

  return { resume, duplicate, remove };
}
