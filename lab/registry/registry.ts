import { HalftoneError, type PluginKind } from '@halftone/sdk';
import { type Development, findInDevelopment, openInDevelopment } from './development.ts';
import {
  builtIn,
  type FoundPlugin,
  type FoundPlugins,
  findPlugins,
  importPlugin,
  isSame,
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
  /** A plugin that is being written; it stands before all others. */
  readonly development?: Development | undefined;
}

/** The registry of the built-in plugins and of those that a user installed or is writing. */
export function createRegistry({ installed = [], isolate, development }: RegistryOptions = {}): Registry {
  const places = [builtIn, ...installed];
  const find = async (): Promise<FoundPlugins> => {
    const found = await findPlugins(places);
    if (development === undefined) return found;
    const own = await findInDevelopment(development.folder);
    return {
      ...found,
      plugins: [own, ...found.plugins.filter((other) => !isSame(other.manifest, own.manifest))],
    };
  };
  const load = async (found: FoundPlugin): Promise<Plugin> => {
    if (found.origin === 'built-in') return importPlugin(found);
    if (found.origin === 'development') return (development?.open ?? openInDevelopment)(found);
    if (isolate !== undefined) return isolate(found);
    throw new HalftoneError('bad-plugin', `plugin '${found.manifest.name}' can't be run here`);
  };
  return {
    find,
    load,
    open: async <K extends PluginKind>(kind: K, name: string) =>
      (await load(pickPlugin(await find(), kind, name))) as PluginOfKind[K],
  };
}
