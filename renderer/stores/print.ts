import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { Job, SheetPlan, SheetSettings } from '../../lab/api.ts';
import { layOut } from '../../lab/vision/sheet/layout.ts';
import { wordsOf } from '../words.ts';
import { onTopic, useJobs } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';
import { useOpenRun } from './open-run.ts';

/** How long nothing must change before a layout is kept. */
const SETTLE_MS = 400;

/** The PDF of all sheets in a run's folder. */
export const sheetsPdf = 'sheets/sheets.pdf';

/** How the open run's images are laid on sheets. What fits is kept by itself. */
export const usePrint = defineStore('print', () => {
  const plans = usePlan();
  const { plan, settings } = plans;
  const layout = computed(() => {
    if (plan.value === undefined || settings.value === undefined || plan.value.cells.length === 0) {
      return { sheets: [], problem: '' };
    }
    try {
      return { sheets: layOut(plan.value.cells, plan.value.name, settings.value), problem: '' };
    } catch (error) {
      return { sheets: [], problem: wordsOf(error) };
    }
  });
  const fits = () => layout.value.sheets.length > 0;
  return { ...plans, layout, ...useKeeping(plans, fits) };
});

type Plans = ReturnType<typeof usePlan>;

/** What goes to paper, and the settings on the form. */
function usePlan() {
  const lab = useLab();
  const run = useOpenRun();
  const plan = shallowRef<SheetPlan>();
  const settings = shallowRef<SheetSettings>();
  /** The run that they are of. */
  const of = ref<string>();
  const error = shallowRef<unknown>();
  /** The form differs from what the lab has. */
  const changed = computed(
    () => plan.value !== undefined && JSON.stringify(plan.value.settings) !== JSON.stringify(settings.value),
  );

  async function reload(): Promise<void> {
    const id = run.id;
    if (id === undefined) return;
    try {
      const found = await (await lab.lab()).sheetPlan({ id });
      if (run.id !== id) return;
      const edited = of.value === id && changed.value && !found.fixed;
      plan.value = found;
      if (!edited) settings.value = found.settings;
      error.value = undefined;
    } catch (cause) {
      if (run.id !== id || isLineLost(cause)) return;
      error.value = cause;
      if (of.value !== id) plan.value = undefined;
    }
    of.value = id;
  }

  onTopic(
    () => (run.id === undefined ? undefined : `run:${run.id}`),
    () => reload(),
  );
  return { plan, settings, of, error, changed, reload };
}

/** Keeps the layout and makes the sheets of it. */
function useKeeping({ plan, settings, of, error, changed, reload }: Plans, fits: () => boolean) {
  const lab = useLab();
  const run = useOpenRun();
  const jobs = useJobs();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Takes a layout from the form; it is kept once nothing has changed for a moment. */
  function choose(next: SheetSettings): void {
    settings.value = next;
    clearTimeout(timer);
    timer = setTimeout(() => {
      keep().catch((cause: unknown) => {
        error.value = cause;
      });
    }, SETTLE_MS);
  }

  /** Keeps the layout that the form has, where it fits and differs. */
  async function keep(): Promise<void> {
    clearTimeout(timer);
    const id = of.value;
    if (id === undefined || run.id !== id || settings.value === undefined) return;
    if (!changed.value || !fits() || plan.value?.fixed) return;
    await (await lab.lab()).setSheetSettings({ id, settings: settings.value });
    error.value = undefined;
    await Promise.all([reload(), run.reload()]);
  }

  /** Lays the sheets out and writes their PDF, where that isn't done. Throws what the lab says. */
  async function make(): Promise<void> {
    await keep();
    if (run.id === undefined || (run.detail?.sheets ?? 0) > 0) return;
    const job = await (await lab.lab()).startRun({ id: run.id, until: 'sheets' });
    await ended(job);
    await run.reload();
  }

  /** Waits for a job. Throws why it failed. */
  async function ended({ id }: Job): Promise<void> {
    for (;;) {
      const now = jobs.jobs.find((job) => job.id === id);
      if (now?.state === 'done') return;
      if (now?.state === 'failed') throw new Error(now.error?.message ?? 'the sheets could not be made');
      if (now?.state === 'cancelled') throw new Error('making the sheets was cancelled');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  return { choose, keep, make };
}
