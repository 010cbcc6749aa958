import { realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { HalftoneError, type Model } from '@halftone/sdk';
import { fileError } from '../data/schema.ts';
import { describeModel, type ShelvedModel } from '../library.ts';
import type { FoundPlugin } from './plugins.ts';
import type { Registry } from './registry.ts';

/** Every model that a plugin brings, by its plugin's name; one that can't be had says why in its `problem`. */
export async function listPluginModels(registry: Registry): Promise<ShelvedModel[]> {
  return Promise.all((await modelPlugins(registry)).map((found) => describe(registry, found)));
}

/**
 * The file of the model of this plugin, its card beside it; undefined where no plugin brings one of that name.
 * Throws `bad-plugin`, `not-found`.
 */
export async function findPluginModel(registry: Registry, name: string): Promise<string | undefined> {
  const found = (await modelPlugins(registry)).find(({ manifest }) => manifest.name === name);
  return found === undefined ? undefined : fileOf(registry, found);
}

async function modelPlugins(registry: Registry): Promise<FoundPlugin[]> {
  return (await registry.find()).plugins.filter(({ manifest }) => manifest.kind === 'model');
}

async function describe(registry: Registry, found: FoundPlugin): Promise<ShelvedModel> {
  const { name } = found.manifest;
  const known = { id: `plugin/${name}`, name, origin: 'plugin' } as const;
  try {
    const path = await fileOf(registry, found);
    const { summary } = await describeModel(path, { ...known, file: basename(path) });
    // It is asked for by its plugin's name, whatever its card calls it.
    return { path, summary: { ...summary, name } };
  } catch (error) {
    // One that can't be loaded must not hide the others.
    if (!(error instanceof HalftoneError)) throw error;
    return { path: found.folder, summary: { ...known, file: '', size: 0, problem: error.message } };
  }
}

async function fileOf(registry: Registry, found: FoundPlugin): Promise<string> {
  const { name, file } = (await registry.load(found)) as Model;
  const folder = await realpath(found.folder);
  const path = await realpath(join(folder, file)).catch((cause: unknown) => {
    throw fileError(join(folder, file), cause);
  });
  // A link might lead anywhere.
  if (path.startsWith(folder + sep)) return path;
  throw new HalftoneError('bad-plugin', `model '${name}': ${file} lies outside its folder`);
}
