import { HalftoneError, type PluginKind } from '@halftone/sdk';
import type { FoundPlugin, PluginOfKind, RefusedPlugin } from './plugins.ts';
import type { Registry } from './registry.ts';

/** All plugins of one kind: those that can be loaded, those that can't, and what is no plugin of any kind. */
export interface LoadedKind<K extends PluginKind> {
  readonly loaded: readonly { readonly plugin: PluginOfKind[K]; readonly found: FoundPlugin }[];
  readonly failed: readonly { readonly found: FoundPlugin; readonly error: HalftoneError }[];
  readonly refused: readonly RefusedPlugin[];
}

/** Loads every plugin of a kind; one that can't be loaded doesn't hide the others. */
export async function loadKind<K extends PluginKind>(registry: Registry, kind: K): Promise<LoadedKind<K>> {
  const { plugins, refused } = await registry.find();
  const loaded: LoadedKind<K>['loaded'][number][] = [];
  const failed: LoadedKind<K>['failed'][number][] = [];
  for (const found of plugins.filter(({ manifest }) => manifest.kind === kind)) {
    try {
      loaded.push({ plugin: (await registry.load(found)) as PluginOfKind[K], found });
    } catch (error) {
      if (!(error instanceof HalftoneError)) throw error;
      failed.push({ found, error });
    }
  }
  return { loaded, failed, refused };
}
