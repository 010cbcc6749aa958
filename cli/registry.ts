import { defaultDataDir } from '../lab/host/data-dir.ts';
import { installedIn, PluginStore, pluginsFolder } from '../lab/registry/install/index.ts';
import { createRegistry, type Registry } from '../lab/registry/registry.ts';

/** The store of the plugins that the user installed. */
export function openStore(): PluginStore {
  return new PluginStore({ folder: pluginsFolder(defaultDataDir()) });
}

/** The plugins that come with Halftone and those that the user installed, or is writing in the folder `dev`. */
export function openRegistry(dev?: string): Registry {
  const development = dev === undefined ? undefined : { folder: dev };
  return createRegistry({ ...installedIn(openStore(), pluginsFolder(defaultDataDir())), development });
}
