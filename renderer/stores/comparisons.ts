import { defineStore } from 'pinia';
import { reactive, ref, type ShallowRef, shallowRef } from 'vue';
import type { Comparison, ComparisonListed, Job, LabApi } from '../../lab/api.ts';
import { type DefendDraft, firstDefend, firstTransfer, type TransferDraft } from '../comparisons/draft.ts';
import { onTopic } from './jobs.ts';
import { isLineLost, isMissing, useLab } from './lab.ts';
import { useUndo } from './undo.ts';

type Kind = Comparison['kind'];

/** Comparisons that the lab keeps, the one that is open of each kind, and those being put together. */
export const useComparisons = defineStore('comparisons', () => {
  const lab = useLab();
  const listed = shallowRef<readonly ComparisonListed[]>([]);
  const loaded = ref(false);
  const error = shallowRef<unknown>();
  const opening = openComparisons(error);
  const transfer = ref<TransferDraft>(firstTransfer());
  const defend = ref<DefendDraft>(firstDefend());

  onTopic(
    () => 'comparisons',
    async () => {
      await reload();
      await Promise.all([opening.read('transfer'), opening.read('defend')]);
    },
  );

  async function reload(): Promise<void> {
    try {
      const before = loaded.value;
      listed.value = await (await lab.lab()).listComparisons();
      loaded.value = true;
      error.value = undefined;
      // What was made last is what a person comes back to.
      if (!before) for (const kind of ['transfer', 'defend'] as const) opening.openIds[kind] ??= newest(kind);
    } catch (cause) {
      if (!isLineLost(cause)) error.value = cause;
    }
  }

  function newest(kind: Kind): string | undefined {
    return listed.value.find((each) => each.kind === kind)?.id;
  }

  /** Starts one and opens it. Throws what the lab says. */
  async function start(kind: Kind, begin: (api: LabApi) => Promise<Job>): Promise<void> {
    const job = await begin(await lab.lab());
    await opening.open(kind, job.subject);
  }

  const remove = removal(listed, error, opening);
  const { openIds, opened, open } = opening;
  return { listed, loaded, error, openIds, opened, transfer, defend, open, start, remove };
});

/** The open comparison of each kind, read anew when it changes. */
function openComparisons(error: ShallowRef<unknown>) {
  const lab = useLab();
  /** Undefined while one is put together. */
  const openIds = reactive<Record<Kind, string | undefined>>({ transfer: undefined, defend: undefined });
  const opened = shallowRef<Partial<Record<Kind, Comparison>>>({});

  /** An answer about one that is no longer open is dropped. */
  async function read(kind: Kind): Promise<void> {
    const id = openIds[kind];
    if (id === undefined) return;
    try {
      const comparison = await (await lab.lab()).openComparison({ id });
      if (openIds[kind] === id) opened.value = { ...opened.value, [kind]: comparison };
    } catch (cause) {
      if (isLineLost(cause) || openIds[kind] !== id) return;
      if (isMissing(cause)) openIds[kind] = undefined;
      else error.value = cause;
    }
  }

  async function open(kind: Kind, id: string | undefined): Promise<void> {
    openIds[kind] = id;
    await read(kind);
  }

  return { openIds, opened, read, open };
}

/** Takes one away, opens the next of its kind, and offers the way back. */
function removal(
  listed: ShallowRef<readonly ComparisonListed[]>,
  error: ShallowRef<unknown>,
  { openIds, open }: Pick<ReturnType<typeof openComparisons>, 'openIds' | 'open'>,
) {
  const lab = useLab();
  const undo = useUndo();
  return async ({ id, kind, title }: ComparisonListed): Promise<void> => {
    try {
      await (await lab.lab()).removeComparison({ id });
      error.value = undefined;
    } catch (cause) {
      if (!isLineLost(cause)) error.value = cause;
      return;
    }
    const rest = listed.value.filter((each) => each.kind === kind && each.id !== id);
    if (openIds[kind] === id) await open(kind, rest[0]?.id);
    undo.offer({
      text: `Deleted ${title}`,
      undo: async () => {
        await (await lab.lab()).restoreComparison({ id });
        await open(kind, id);
      },
    });
  };
}
