import type { IconName } from './components/ui/icons.ts';

/** A page of the application: `pages/<file>Page.vue`, at `/<file in small letters>`. */
export interface PageEntry {
  readonly file: string;
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** Where it stands in the rail. `step`s are numbered, and ticked when the open run is through them. */
  readonly group: 'step' | 'study' | 'shelf' | 'foot';
}

function page(title: string, icon: IconName, group: PageEntry['group']): PageEntry {
  return { file: title, path: `/${title.toLowerCase()}`, title, icon, group };
}

/** Every page that there may be, in the rail's order. One whose file doesn't exist is not shown. */
export const allPages: readonly PageEntry[] = [
  page('Bench', 'bench', 'step'),
  page('Print', 'print', 'step'),
  page('Capture', 'capture', 'step'),
  page('Measure', 'measure', 'step'),
  page('Transfer', 'transfer', 'study'),
  page('Defend', 'defend', 'study'),
  page('Plugins', 'plugins', 'shelf'),
  page('Models', 'models', 'shelf'),
  page('Runs', 'runs', 'shelf'),
  page('Settings', 'settings', 'foot'),
];
