import { computed, nextTick, watch } from 'vue';
import { useAttempt } from '../attempt.ts';
import { wrongIn, wrongOf } from './places.ts';

/** A form whose work is begun once nothing is missing in it. */
export interface StartOptions {
  /** What is filled in: what the lab said of it is gone once it changes. */
  readonly draft: () => object;
  readonly problems: () => readonly string[];
  readonly begin: () => Promise<unknown>;
  /** The parts of what is asked for that have fields. */
  readonly parts: readonly string[];
  /** Where the fields are. */
  readonly form: () => HTMLElement | null;
}

/** Begins a form's work. What the lab says of one field stands there, and the field comes into view. */
export function useStart({ draft, problems, begin, parts, form }: StartOptions) {
  const { busy, error, attempt } = useAttempt(begin);
  watch(
    draft,
    () => {
      error.value = undefined;
    },
    { deep: true },
  );
  const wrong = computed(() => wrongOf(error.value));
  /** What went wrong stands at a field. */
  const placed = computed(() => parts.some((part) => wrongIn(wrong.value, part) !== undefined));

  async function start(): Promise<void> {
    if (problems().length > 0 || busy.value) return;
    // What the lab said may be put right by now, outside of the form; what a field says of itself stays.
    error.value = undefined;
    await nextTick();
    // A field that holds no value keeps its last one, which isn't what is seen in it.
    if (goToWrong(form()) || (await attempt())) return;
    await nextTick();
    goToWrong(form());
  }

  return { busy, error, wrong, placed, start };
}

/** Goes to the first field that says it is wrong. Whether there is one. */
function goToWrong(form: HTMLElement | null): boolean {
  const field = form?.querySelector<HTMLElement>('[aria-invalid="true"]');
  const folded = field?.closest('details');
  if (folded) folded.open = true;
  // What stands at the edge is half under the page's head or the form's foot.
  field?.scrollIntoView({ block: 'center' });
  field?.focus({ preventScroll: true });
  return field != null;
}
