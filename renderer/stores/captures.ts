import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { CaptureRecord, Sheet } from '../../lab/api.ts';
import { coverageOf } from '../capture/coverage.ts';
import { onTopic } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';
import { useOpenRun } from './open-run.ts';
import { useUndo } from './undo.ts';

/** A photograph on its way to the lab, or one that didn't get there. */
export interface Sending {
  readonly key: number;
  /** The run that it is of. */
  readonly run: string;
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly origin: 'webcam' | 'file';
  /** The calibrated camera that took it. */
  readonly camera: string | undefined;
  /** Number of its sheet, where that is known. */
  readonly sheet: number | undefined;
  readonly error?: unknown;
}

const WANTED_KEY = 'halftone-views';

/** The open run's sheets and what has been photographed of them. */
export const useCaptures = defineStore('captures', () => {
  const lists = useLists();
  const { sheets, captures } = lists;
  const wanted = ref(Number(localStorage.getItem(WANTED_KEY)) || 3);
  const coverage = computed(() => coverageOf(sheets.value, captures.value, wanted.value));
  watch(wanted, (views) => localStorage.setItem(WANTED_KEY, String(views)));
  return { ...lists, wanted, coverage, ...useSending(lists), ...useChanges(lists) };
});

type Lists = ReturnType<typeof useLists>;

/** What the lab has. */
function useLists() {
  const lab = useLab();
  const run = useOpenRun();
  const sheets = shallowRef<readonly Sheet[]>([]);
  const captures = shallowRef<readonly CaptureRecord[]>([]);
  /** The run that both are of. */
  const of = ref<string>();
  const error = shallowRef<unknown>();
  /** Names of what this window added to it, the latest last. */
  const added = shallowRef<readonly string[]>([]);

  async function reload(): Promise<void> {
    const id = run.id;
    if (id === undefined) return;
    try {
      const api = await lab.lab();
      const [laidOut, taken] = await Promise.all([api.runSheets({ id }), api.listCaptures({ id })]);
      if (run.id !== id) return;
      sheets.value = sameSheets(sheets.value, laidOut) ? sheets.value : laidOut;
      captures.value = taken;
      error.value = undefined;
    } catch (cause) {
      if (run.id !== id || isLineLost(cause)) return;
      if (of.value !== id) [sheets.value, captures.value] = [[], []];
      error.value = cause;
    }
    if (of.value !== id) added.value = [];
    of.value = id;
  }

  onTopic(
    () => (run.id === undefined ? undefined : `run:${run.id}`),
    () => reload(),
  );
  return { sheets, captures, of, error, added, reload };
}

/** Photographs on their way to the lab. */
function useSending({ captures, added }: Lists) {
  const lab = useLab();
  const run = useOpenRun();
  const sending = shallowRef<readonly Sending[]>([]);
  let lastKey = 0;

  /** Hands a photograph to the lab. What doesn't get there stays in `sending` with its error. */
  async function add(photograph: Omit<Sending, 'key' | 'run' | 'error'>): Promise<CaptureRecord | undefined> {
    if (run.id === undefined) return undefined;
    lastKey += 1;
    const item: Sending = { ...photograph, key: lastKey, run: run.id };
    sending.value = [...sending.value, item];
    return send(item);
  }

  async function send(item: Sending): Promise<CaptureRecord | undefined> {
    const { key, run: id, name, bytes, origin, camera } = item;
    try {
      const api = await lab.lab();
      const record = await api.addCapture({ id, name, bytes, origin, ...(camera && { camera }) });
      sending.value = sending.value.filter((other) => other.key !== key);
      if (run.id !== id) return record;
      added.value = [...added.value.filter((other) => other !== record.name), record.name];
      captures.value = [...captures.value.filter((other) => other.name !== record.name), record];
      return record;
    } catch (error) {
      sending.value = sending.value.map((other) => (other.key === key ? { ...item, error } : other));
      return undefined;
    }
  }

  /** Tries again to hand over what didn't get there. */
  async function resend(): Promise<void> {
    const failed = sending.value.filter((item) => item.error !== undefined);
    sending.value = sending.value.map(({ error: _, ...item }) => item);
    for (const { error: _, ...item } of failed) await send(item);
  }

  /** Forgets what didn't get there. */
  function forgetFailed(): void {
    sending.value = sending.value.filter((item) => item.error === undefined);
  }

  return { sending, add, resend, forgetFailed };
}

/** What a person changes of photographs that are there. All throw what the lab says. */
function useChanges({ captures, added, reload }: Lists) {
  const lab = useLab();
  const run = useOpenRun();
  const undo = useUndo();

  /** Puts a photograph away, with an undo. */
  async function remove(name: string): Promise<void> {
    const id = run.id;
    if (id === undefined) return;
    await (await lab.lab()).removeCapture({ id, name });
    captures.value = captures.value.filter((capture) => capture.name !== name);
    added.value = added.value.filter((other) => other !== name);
    undo.offer({
      text: `Removed photograph ${name}`,
      undo: async () => {
        await (await lab.lab()).restoreCapture({ id, name });
        if (run.id !== id) return;
        added.value = [...added.value, name];
        await reload();
      },
    });
  }

  /** Leaves a photograph out, puts it in, or (null) leaves that to its grades. */
  async function decide(name: string, decision: 'excluded' | 'included' | null): Promise<void> {
    const id = run.id;
    if (id === undefined) return;
    const record = await (await lab.lab()).decideCapture({ id, name, decision });
    captures.value = captures.value.map((capture) => (capture.name === name ? record : capture));
  }

  return { remove, decide };
}

/** Every change of a run tells of itself; sheets hardly ever are what changed, and are much to look for anew. */
function sameSheets(one: readonly Sheet[], other: readonly Sheet[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
