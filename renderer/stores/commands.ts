import { defineStore } from 'pinia';
import { computed, onBeforeUnmount, ref, shallowReactive } from 'vue';
import { isTaken, normalKeys, strokeOf } from '../keys/combination.ts';

/** Something that can be done now, by name from the palette and by its keys. */
export interface Command {
  /** Unique among what is registered, such as `bench.run`. */
  readonly id: string;
  /** For people, led by a verb: `Run the attacks`. */
  readonly name: string;
  /** Such as `mod+enter`, `d`; several for one command. See `keys/combination.ts`. */
  readonly keys?: string | readonly string[];
  readonly run: () => unknown;
  /** Asked whenever it matters; enabled without it. */
  readonly enabled?: () => boolean;
  /** Heading in the list of keys; the page's name by default. */
  readonly group?: string;
  /** In the list of keys but not in the palette: what makes no sense to call by name, such as 'next image'. */
  readonly hidden?: boolean;
}

/** What can be done now: pages register their commands while they are shown. */
export const useCommands = defineStore('commands', () => {
  /** The latest registered of two that take the same keys wins. */
  const registered = shallowReactive(new Map<string, Command>());
  const palette = ref(false);
  const keyList = ref(false);
  const all = computed(() => [...registered.values()]);
  /** Commands of the palette that can be called now. */
  const callable = computed(() => all.value.filter((command) => !command.hidden && isEnabled(command)));

  /** Adds commands; the answer takes them away again. */
  function register(commands: readonly Command[]): () => void {
    for (const command of commands) registered.set(command.id, command);
    return () => {
      for (const command of commands) {
        if (registered.get(command.id) === command) registered.delete(command.id);
      }
    };
  }

  /** Calls the command that takes these keys. True where one did. */
  function press(event: KeyboardEvent): boolean {
    const stroke = strokeOf(event);
    if (event.defaultPrevented || event.isComposing || isTaken(stroke, event.target)) return false;
    // While something lies over the page, its keys are not the page's.
    if (document.querySelector('[role=dialog], [role=alertdialog], [role=menu]') !== null) return false;
    const command = all.value.findLast((each) => keysOf(each).includes(stroke) && isEnabled(each));
    if (command === undefined) return false;
    event.preventDefault();
    command.run();
    return true;
  }

  return { all, callable, palette, keyList, register, press };
});

export function isEnabled({ enabled }: Command): boolean {
  return enabled?.() ?? true;
}

/** A command's keys in their normal form. */
export function keysOf({ keys }: Command): string[] {
  if (keys === undefined) return [];
  return (typeof keys === 'string' ? [keys] : keys).map(normalKeys);
}

/** Registers commands for as long as the calling component is there. */
export function useCommand(...commands: readonly Command[]): void {
  onBeforeUnmount(useCommands().register(commands));
}
