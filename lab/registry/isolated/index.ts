import { type Attack, type Channel, type Defense, HalftoneError } from '@halftone/sdk';
import type { Manifest } from '../manifest.ts';
import { isolatedAttack } from './attack.ts';
import { type IsolatedOptions, IsolatedPlugin } from './plugin.ts';
import { isolatedChannel, isolatedDefense } from './transform.ts';

export { confinement, defaultLimits, type Limits } from './confine.ts';
export type { IsolatedOptions } from './plugin.ts';
export { closeProcesses, type EndReport } from './process.ts';

/** A third party's plugin, ready to run in a process of its own. */
export interface Isolated {
  /** What the lab works with: it can't tell it from one of its own. */
  readonly plugin: Attack | Channel | Defense;
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
    checkAccess(plugin, manifest);
    if (plugin.name === manifest.name) return { plugin, close: () => isolated.close() };
    const text = `plugin '${manifest.name}': it defines '${plugin.name}', its manifest says '${manifest.name}'`;
    throw new HalftoneError('bad-plugin', text);
  } catch (error) {
    isolated.close();
    throw error;
  }
}

function checkAccess(plugin: Attack | Channel | Defense, { name, access }: Manifest): void {
  if (access === undefined || plugin.kind !== 'attack' || plugin.access === access) return;
  const text = `plugin '${name}': it asks for ${plugin.access} access, its manifest says ${access}`;
  throw new HalftoneError('bad-plugin', text);
}

function standIn(plugin: IsolatedPlugin, kind: string, description: unknown): Attack | Channel | Defense {
  if (kind === 'attack') return isolatedAttack(plugin, description);
  if (kind === 'channel') return isolatedChannel(plugin, description);
  if (kind === 'defense') return isolatedDefense(plugin, description);
  const text = `plugin '${plugin.name}': a third party's ${kind} can't run in a process of its own; attacks, defences and channels can`;
  throw new HalftoneError('bad-plugin', text);
}
