import type { Router } from 'vue-router';
import { onMenuCommand } from './connection/shell.ts';
import { allPages } from './pages.ts';
import { type Command, isEnabled, type useCommands } from './stores/commands.ts';
import { useOpenRun } from './stores/open-run.ts';
import { useRunFolder } from './stores/run-folder.ts';
import { useTheme } from './stores/theme.ts';

type Commands = Pick<ReturnType<typeof useCommands>, 'all'>;

/** The pages of commands whose ids begin with another word than the page's. */
const homes: Readonly<Record<string, string>> = { run: '/runs', sheets: '/print' };

/** How long a page gets to show itself and register its commands. */
const PATIENCE_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** Commands of the shell's menu that belong to no page. They are in the palette too. */
export function commandsEverywhere(group: string): Command[] {
  const run = useOpenRun();
  const theme = useTheme();
  const folder = useRunFolder();
  const names = { system: 'Follow the system’s theme', light: 'Light theme', dark: 'Dark theme' } as const;
  return [
    {
      id: 'run.folder',
      name: 'Show the run’s folder',
      group,
      enabled: () => run.id !== undefined,
      run: () => folder.show(run.id!),
    },
    {
      id: 'run.close',
      name: 'Close the run',
      group,
      enabled: () => run.id !== undefined,
      run: run.close,
    },
    ...theme.themes.map((each) => ({
      id: `theme.${each}`,
      name: names[each],
      group,
      run: () => theme.choose(each),
    })),
  ];
}

/** Calls what the person takes from the shell's menu; a page's command on its page. */
export function followMenu(commands: Commands, router: Router): void {
  onMenuCommand((id) => void callFromMenu(id, commands, router));
}

/**
 * Calls a command by its id. One that isn't there belongs to the page that its id begins with (`bench.new`), which
 * is gone to first. One that never comes, or can't be done now, is not called.
 */
export async function callFromMenu(
  id: string,
  commands: Commands,
  router: Pick<Router, 'push'>,
): Promise<void> {
  const find = () => commands.all.find((command) => command.id === id);
  if (find() === undefined) {
    const word = id.split('.', 1)[0]!;
    const home = allPages.find(({ path }) => path === (homes[word] ?? `/${word}`));
    if (home === undefined) return;
    await router.push(home.path);
    for (let waited = 0; find() === undefined && waited < PATIENCE_MS; waited += LOOK_AGAIN_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
  const command = find();
  if (command !== undefined && isEnabled(command)) await command.run();
}
