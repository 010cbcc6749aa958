import type { MenuItemConstructorOptions } from 'electron';

/** What the menu depends on. */
export interface MenuSurroundings {
  readonly platform: NodeJS.Platform;
  /** Takes the id of a command of the page: those of its palette. */
  readonly send: (command: string) => void;
}

type Items = MenuItemConstructorOptions[];

/** The pages in the rail's order, with the command that goes there: `go.Bench`. */
const pages = ['Bench', 'Print', 'Capture', 'Measure', 'Transfer', 'Defend', 'Plugins', 'Models', 'Runs'];

/**
 * The menu bar. What concerns the lab is a command of the page, so that menu, palette and keys do one thing. The page
 * sees a key before the menu does: a key that stands in both is taken once.
 */
export function menuTemplate({ platform, send }: MenuSurroundings): Items {
  const command = (label: string, id: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    id,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => send(id),
  });
  const isMac = platform === 'darwin';
  const separator = { type: 'separator' } as const;
  const file: Items = [
    command('New Run', 'bench.new', 'CmdOrCtrl+N'),
    command('Open Zipped Run…', 'run.open-archive', 'CmdOrCtrl+O'),
    separator,
    command('Print Sheets…', 'sheets.print', 'CmdOrCtrl+P'),
    command('Save Sheets as PDF…', 'sheets.save', 'CmdOrCtrl+S'),
    separator,
    command('Show Run Folder', 'run.folder'),
    command('Close Run', 'run.close', 'CmdOrCtrl+Shift+W'),
    { role: isMac ? 'close' : 'quit' },
  ];
  const go: Items = [
    ...pages.map((page, at) => command(page, `go.${page}`, `CmdOrCtrl+${at + 1}`)),
    separator,
    command('Settings', 'go.Settings', 'CmdOrCtrl+,'),
  ];
  const help: Items = [
    command('All Commands…', 'palette', 'CmdOrCtrl+K'),
    command('All Keys', 'keys'),
    ...(isMac ? [] : [separator, { role: 'about' } as const]),
  ];
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: file },
    { role: 'editMenu' },
    { label: '&View', submenu: viewItems(command) },
    { label: '&Go', submenu: go },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    { label: '&Help', role: 'help', submenu: help },
  ];
}

function viewItems(command: (label: string, id: string) => MenuItemConstructorOptions): Items {
  const separator = { type: 'separator' } as const;
  return [
    {
      label: 'Theme',
      submenu: [
        command('As the System', 'theme.system'),
        command('Light', 'theme.light'),
        command('Dark', 'theme.dark'),
      ],
    },
    separator,
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'resetZoom' },
    { role: 'togglefullscreen' },
    separator,
    { role: 'reload' },
    { role: 'toggleDevTools' },
  ];
}

/** Ids of all commands that a menu sends. */
export function commandsOf(items: Items): string[] {
  return items.flatMap(({ id, submenu }) => [
    ...(id === undefined ? [] : [id]),
    ...(Array.isArray(submenu) ? commandsOf(submenu) : []),
  ]);
}
