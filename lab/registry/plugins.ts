import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Attack, HalftoneError } from '@halftone/sdk';
import { type Finding, readJson, sayFindings } from '../data/schema.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/** A plugin that can be loaded. */
export interface FoundPlugin {
  readonly manifest: Manifest;
  readonly folder: string;
}

/** A folder that looks like a plugin and isn't one, with what is wrong. */
export interface RefusedPlugin {
  readonly folder: string;
  readonly findings: readonly Finding[];
}

/** Where the plugins lie that come with Halftone. */
export const builtInFolder = fileURLToPath(new URL('../../plugins/', import.meta.url));

/** The plugins in a folder, one sub-folder each, sorted by name, from their manifests alone: none is run. */
export async function findPlugins(
  folder: string = builtInFolder,
): Promise<{ plugins: FoundPlugin[]; refused: RefusedPlugin[] }> {
  const plugins: FoundPlugin[] = [];
  const refused: RefusedPlugin[] = [];
  const items = await readdir(folder, { withFileTypes: true });
  for (const item of items
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, item.name);
    const { manifest, findings } = await readManifest(path);
    if (manifest === undefined) refused.push({ folder: path, findings });
    else if (plugins.some((other) => other.manifest.name === manifest.name)) {
      refused.push({
        folder: path,
        findings: [{ field: 'halftone.name', message: `'${manifest.name}' is taken` }],
      });
    } else plugins.push({ manifest, folder: path });
  }
  return { plugins, refused };
}

async function readManifest(folder: string): Promise<ReturnType<typeof parseManifest>> {
  try {
    return parseManifest(await readJson(join(folder, 'package.json')));
  } catch (error) {
    return { findings: [{ field: 'package.json', message: (error as Error).message }] };
  }
}

/**
 * Loads an attack by name. Throws `not-found` with the names there are, or `bad-plugin` saying what is wrong
 * with the one asked for.
 */
export async function loadAttack(name: string, folder: string = builtInFolder): Promise<Attack> {
  const { plugins, refused } = await findPlugins(folder);
  const found = plugins.find(({ manifest }) => manifest.name === name);
  if (found !== undefined) return importAttack(found);
  const broken = refused.find((plugin) => plugin.folder === join(folder, name));
  if (broken !== undefined) {
    throw new HalftoneError('bad-plugin', `plugin '${name}' is refused: ${sayFindings(broken.findings)}`);
  }
  const names = plugins.map(({ manifest }) => manifest.name).join(', ') || 'none';
  throw new HalftoneError('not-found', `no attack is called '${name}'; there are: ${names}`);
}

async function importAttack({ manifest, folder }: FoundPlugin): Promise<Attack> {
  const url = pathToFileURL(join(folder, manifest.entry)).href;
  let loaded: { default?: unknown };
  try {
    loaded = await import(url);
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new HalftoneError('bad-plugin', `plugin '${manifest.name}' can't be loaded: ${reason}`, { cause });
  }
  const attack = loaded.default as Partial<Attack> | undefined;
  if (attack?.kind !== 'attack' || typeof attack.run !== 'function') {
    throw new HalftoneError(
      'bad-plugin',
      `plugin '${manifest.name}': its default export is not made by defineAttack`,
    );
  }
  if (attack.name !== manifest.name) {
    const text = `plugin '${manifest.name}': it defines '${attack.name}', its manifest says '${manifest.name}'`;
    throw new HalftoneError('bad-plugin', text);
  }
  return attack as Attack;
}
