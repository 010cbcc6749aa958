import { join } from 'node:path';
import type { RegistryOptions } from '../registry.ts';
import type { PluginStore } from './store.ts';

export { type Candidate, type Installed, PluginStore, type StoreOptions } from './store.ts';
export { writeTemplate } from './template.ts';

/** The folder of a lab's installed plugins. */
export function pluginsFolder(dataDir: string): string {
  return join(dataDir, 'plugins');
}

/** What a registry needs to offer the installed plugins of a store beside the built-in ones. */
export function installedIn(store: PluginStore, folder: string): RegistryOptions {
  return { installed: [{ folder, origin: 'installed' }], isolate: (found) => store.open(found) };
}
