import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type Attack,
  type Channel,
  type Dataset,
  type Defense,
  HalftoneError,
  type Model,
  type PluginKind,
} from '@halftone/sdk';
import { type Finding, readJson, sayFindings } from '../data/schema.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/** A folder that holds plugins, one sub-folder each. */
export interface PluginPlace {
  readonly folder: string;
  /** Built-in ones run in this process; installed ones, which others wrote, in one of their own. */
  readonly origin: 'built-in' | 'installed';
}

/** A plugin that can be loaded. */
export interface FoundPlugin {
  readonly manifest: Manifest;
  readonly folder: string;
  /** `development`: being written by the user, in a folder of its own. */
  readonly origin: PluginPlace['origin'] | 'development';
}

/** A folder that looks like a plugin and isn't one, with what is wrong. */
export interface RefusedPlugin {
  readonly folder: string;
  readonly findings: readonly Finding[];
}

/** The plugins of some places. */
export interface FoundPlugins {
  readonly plugins: readonly FoundPlugin[];
  readonly refused: readonly RefusedPlugin[];
}

/** The default export that goes with each kind of plugin. */
export interface PluginOfKind {
  readonly attack: Attack;
  readonly defense: Defense;
  readonly channel: Channel;
  readonly model: Model;
  readonly dataset: Dataset;
}

export type Plugin = PluginOfKind[PluginKind];

/** Where the plugins lie that come with Halftone. */
export const builtIn: PluginPlace = {
  folder: fileURLToPath(new URL('../../plugins/', import.meta.url)),
  origin: 'built-in',
};

/**
 * The plugins of some places, each place's sorted by name, from their manifests alone: none is run. Of two by the
 * same kind and name the first place's stands. A place that isn't there holds none.
 */
export async function findPlugins(places: readonly PluginPlace[] = [builtIn]): Promise<FoundPlugins> {
  const plugins: FoundPlugin[] = [];
  const refused: RefusedPlugin[] = [];
  for (const { folder, origin } of places) {
    for (const path of await subfolders(folder)) {
      const { manifest, findings } = await readManifest(path);
      if (manifest === undefined) refused.push({ folder: path, findings });
      else if (plugins.some((other) => isSame(other.manifest, manifest))) {
        const message = `'${manifest.name}' is taken by another ${manifest.kind}`;
        refused.push({ folder: path, findings: [{ field: 'halftone.name', message }] });
      } else plugins.push({ manifest, folder: path, origin });
    }
  }
  return { plugins, refused };
}

/** Whether two plugins go by one name. */
export function isSame(one: Manifest, other: Manifest): boolean {
  return one.name === other.name && one.kind === other.kind;
}

async function subfolders(folder: string): Promise<string[]> {
  const items = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw cause;
  });
  // What begins with a dot is on its way in or out.
  const names = items.filter((item) => item.isDirectory() && !item.name.startsWith('.'));
  return names.map(({ name }) => join(folder, name)).sort();
}

/** A plugin's manifest, or what is wrong with it. */
export async function readManifest(folder: string): Promise<ReturnType<typeof parseManifest>> {
  try {
    return parseManifest(await readJson(join(folder, 'package.json')));
  } catch (error) {
    return { findings: [{ field: 'package.json', message: (error as Error).message }] };
  }
}

/**
 * A plugin by kind and name. Throws `not-found` with the names there are, or `bad-plugin` saying what is wrong with
 * the one asked for.
 */
export function pickPlugin({ plugins, refused }: FoundPlugins, kind: PluginKind, name: string): FoundPlugin {
  const found = plugins.find(({ manifest }) => manifest.name === name && manifest.kind === kind);
  if (found !== undefined) return found;
  const broken = refused.find(({ folder }) => folder.split(/[\\/]/).at(-1) === name);
  if (broken !== undefined) {
    throw new HalftoneError('bad-plugin', `plugin '${name}' is refused: ${sayFindings(broken.findings)}`);
  }
  const other = plugins.find(({ manifest }) => manifest.name === name);
  const hint = other === undefined ? '' : ` (it is another kind: ${other.manifest.kind})`;
  const same = plugins.filter(({ manifest }) => manifest.kind === kind);
  const names = same.map(({ manifest }) => manifest.name).join(', ') || 'none';
  throw new HalftoneError('not-found', `no ${kind} is called '${name}'${hint}; there are: ${names}`);
}

/** Loads a built-in attack by name. Throws as `pickPlugin` and `importPlugin` do. */
export function loadAttack(name: string, places?: readonly PluginPlace[]): Promise<Attack> {
  return loadBuiltIn('attack', name, places);
}

/** Loads a built-in plugin by kind and name. Throws as `pickPlugin` and `importPlugin` do. */
export async function loadBuiltIn<K extends PluginKind>(
  kind: K,
  name: string,
  places?: readonly PluginPlace[],
): Promise<PluginOfKind[K]> {
  return (await importPlugin(pickPlugin(await findPlugins(places), kind, name))) as PluginOfKind[K];
}

/** Runs a plugin's module in this process and checks what it exports. Throws `bad-plugin` saying what is wrong. */
export async function importPlugin({ manifest, folder }: FoundPlugin): Promise<Plugin> {
  const url = pathToFileURL(join(folder, manifest.entry)).href;
  let loaded: { default?: unknown };
  try {
    loaded = await import(url);
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new HalftoneError('bad-plugin', `plugin '${manifest.name}' can't be loaded: ${reason}`, { cause });
  }
  return checkPlugin(loaded.default, manifest);
}

/** The default export as a plugin. Throws `bad-plugin` unless it is what the manifest says. */
export function checkPlugin(value: unknown, { kind, name }: Manifest): Plugin {
  const plugin = value as { readonly kind?: unknown; readonly name?: unknown } | null | undefined;
  const fail = (text: string): never => {
    throw new HalftoneError('bad-plugin', `plugin '${name}': ${text}`);
  };
  if (plugin?.kind !== kind) fail(`its default export is not made by ${makers[kind]}`);
  if (plugin?.name !== name) fail(`it defines '${String(plugin?.name)}', its manifest says '${name}'`);
  return plugin as Plugin;
}

const makers: Readonly<Record<PluginKind, string>> = {
  attack: 'defineAttack',
  defense: 'defineDefense',
  channel: 'defineChannel',
  model: 'defineModel',
  dataset: 'defineDataset',
};
