import { HalftoneError, type PluginKind } from '@halftone/sdk';
import {
  builtIn,
  type FoundPlugin,
  type FoundPlugins,
  findPlugins,
  importPlugin,
  type Plugin,
  type PluginOfKind,
  type PluginPlace,
  pickPlugin,
} from './plugins.ts';

/** What the lab has in the way of plugins. */
export interface Registry {
  /** What is there now, from manifests alone. */
  find(): Promise<FoundPlugins>;
  /** Loads one that was found. Throws `bad-plugin`. */
  load(found: FoundPlugin): Promise<Plugin>;
  /** Loads one by kind and name. Throws `not-found` with the names there are, `bad-plugin`. */
  open<K extends PluginKind>(kind: K, name: string): Promise<PluginOfKind[K]>;
}

export interface RegistryOptions {
  /** Where installed plugins lie, beside the built-in ones; none by default. */
  readonly installed?: readonly PluginPlace[];
  /** Opens an installed plugin in a process of its own. */
  readonly isolate?: (found: FoundPlugin) => Promise<Plugin>;
}

/** The registry of the built-in plugins and of those that a user installed. */
export function createRegistry({ installed = [], isolate }: RegistryOptions = {}): Registry {
  const places = [builtIn, ...installed];
  const load = async (found: FoundPlugin): Promise<Plugin> => {
    if (found.origin === 'built-in') return importPlugin(found);
    if (isolate !== undefined) return isolate(found);
    throw new HalftoneError('bad-plugin', `plugin '${found.manifest.name}' can't be run here`);
  };
  return {
    find: () => findPlugins(places),
    load,
    open: async <K extends PluginKind>(kind: K, name: string) => {
      const found = pickPlugin(await findPlugins(places), kind, name);
      return (await load(found)) as PluginOfKind[K];
    },
  };
}
