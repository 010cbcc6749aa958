import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type UserConfig } from 'vite';
import { root } from './sources.ts';

/** A renderer that was built for one purpose, beside the one in `out/`. */
export interface BuiltRenderer {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Builds the renderer, as it is now, into a folder of its own: what runs from `out/` meanwhile is left alone.
 * A few seconds. Throws what the builder says.
 */
export async function buildRenderer(): Promise<BuiltRenderer> {
  const folder = await mkdtemp(join(tmpdir(), 'halftone-renderer-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const { default: config } = (await import(pathToFileURL(join(root, 'electron.vite.config.ts')).href)) as {
      default: { renderer: UserConfig };
    };
    await build({
      ...config.renderer,
      root: join(root, 'renderer'),
      configFile: false,
      logLevel: 'warn',
      build: { ...config.renderer.build, outDir: folder, emptyOutDir: true, rollupOptions: {} },
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}
