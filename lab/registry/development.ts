import { watch } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import { fileError, sayFindings } from '../data/schema.ts';
import { type FoundPlugin, type Plugin, readManifest } from './plugins.ts';

/** A plugin that somebody is writing. */
export interface Development {
  readonly folder: string;
  /** Opens it, by default in a process of its own, as those who install it will. */
  readonly open?: (found: FoundPlugin) => Promise<Plugin>;
}

/** The plugin in a folder. Throws `bad-plugin` saying what is wrong with its manifest, `not-found`. */
export async function findInDevelopment(folder: string): Promise<FoundPlugin> {
  const path = await realpath(folder).catch((cause: unknown) => {
    throw fileError(folder, cause);
  });
  const { manifest, findings } = await readManifest(path);
  if (manifest !== undefined) return { manifest, folder: path, origin: 'development' };
  throw new HalftoneError('bad-plugin', `the plugin in ${folder} is refused: ${sayFindings(findings)}`);
}

/** Opens a plugin in a process of its own: started anew, it can't hold on to code that has changed since. */
export async function openInDevelopment({ manifest, folder }: FoundPlugin): Promise<Plugin> {
  const { openIsolated } = await import('./isolated/index.ts');
  return (await openIsolated({ manifest, folder })).plugin;
}

/** How long a folder must be quiet for a change to count as over: editors write in several goes. */
const QUIET_MS = 150;

/**
 * Waits until something in the folder has changed and is quiet again; packages that it installed don't count.
 * Throws `cancelled`, and `not-found` or `bad-file` for a folder that can't be watched.
 */
export function nextChange(folder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (finish: () => void) => {
      clearTimeout(timer);
      watcher?.close();
      signal.removeEventListener('abort', cancel);
      finish();
    };
    const cancel = () => end(() => reject(new HalftoneError('cancelled', 'cancelled')));
    let watcher: ReturnType<typeof watch> | undefined;
    try {
      watcher = watch(folder, { recursive: true }, (_, name) => {
        if (name?.split(/[\\/]/).includes('node_modules')) return;
        clearTimeout(timer);
        timer = setTimeout(() => end(resolve), QUIET_MS);
      });
    } catch (cause) {
      return reject(fileError(folder, cause));
    }
    watcher.on('error', (cause) => end(() => reject(fileError(folder, cause))));
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
  });
}
