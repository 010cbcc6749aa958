import { HalftoneError, type PluginKind } from '@halftone/sdk';
import type { Manifest } from '../manifest.ts';
import type { Plugin } from '../plugins.ts';
import { isolatedAttack } from './attack.ts';
import { describedModel, isolatedDataset } from './data.ts';
import { type IsolatedOptions, IsolatedPlugin } from './plugin.ts';
import { isolatedChannel, isolatedDefense } from './transform.ts';

export { confinement, defaultLimits, type Limits } from './confine.ts';
export type { IsolatedOptions } from './plugin.ts';
export { closeProcesses, type EndReport } from './process.ts';

/** A third party's plugin, ready to run in a process of its own. */
export interface Isolated {
  /** What the lab works with: it can't tell it from one of its own. */
  readonly plugin: Plugin;
  /** Ends its process. Another one starts when the plugin is run again. */
  close(): void;
}

/**
 * Loads a third party's plugin in a process of its own. Its code never runs in this one.
 * Throws `bad-plugin` when it can't be loaded, isn't what its manifest says, or was ended.
 */
export async function openIsolated(options: IsolatedOptions): Promise<Isolated> {
  const { manifest } = options;
  const isolated = new IsolatedPlugin(options);
  try {
    const plugin = standIn(isolated, manifest.kind, await isolated.start());
    checkAgainst(manifest, plugin);
    return { plugin, close: () => isolated.close() };
  } catch (error) {
    isolated.close();
    throw error;
  }
}

function checkAgainst({ name, access }: Manifest, plugin: Plugin): void {
  const fail = (text: string): never => {
    throw new HalftoneError('bad-plugin', `plugin '${name}': ${text}`);
  };
  if (plugin.name !== name) fail(`it defines '${plugin.name}', its manifest says '${name}'`);
  if (access === undefined || plugin.kind !== 'attack' || plugin.access === access) return;
  fail(`it asks for ${plugin.access} access, its manifest says ${access}`);
}

/**
 * Loads a third party's plugin in a process of its own to see that it can be, and what it says of itself; it can't be
 * run. Throws as `openIsolated` does.
 */
export async function examineIsolated(options: IsolatedOptions): Promise<Plugin> {
  const { plugin, close } = await openIsolated({ ...options, describeOnly: true });
  close();
  return plugin;
}

function standIn(plugin: IsolatedPlugin, kind: PluginKind, description: unknown): Plugin {
  if (kind === 'attack') return isolatedAttack(plugin, description);
  if (kind === 'channel') return isolatedChannel(plugin, description);
  if (kind === 'defense') return isolatedDefense(plugin, description);
  if (kind === 'dataset') return isolatedDataset(plugin, description);
  const model = describedModel(plugin, description);
  // It was read out; from here on the file stands for it.
  plugin.close();
  return model;
}
