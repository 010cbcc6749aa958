import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HalftoneError } from '@halftone/sdk/errors';
import type { Materials } from './experiments/physical/materials.ts';
import { listShelves, modelShelves, type Shelf } from './library.ts';
import { createClassifierShelf } from './open-classifiers.ts';
import { markPlugin } from './registry/plugin-mark.ts';
import { findPluginModel } from './registry/plugin-models.ts';
import { findAnySet } from './registry/plugin-sets.ts';
import type { Registry } from './registry/registry.ts';
import { openTransformDefense } from './registry/transform-defense.ts';
import type { Classifier } from './runtime/classifier-types.ts';
import { createPhotographReader } from './vision/node/reader.ts';

/** Where an experiment's names lead, and how its models are run. */
export interface MaterialsOptions {
  readonly registry: Registry;
  /** The lab's own folder: added models and data sets. */
  readonly dataDir: string;
  /** The folder that paths are relative to. */
  readonly base: string;
  /** The project's folder, with the models that ship. */
  readonly root?: string;
  /** Opens a model's file; with the runtime's defaults where absent. */
  readonly openModel?: (path: string) => Promise<Classifier>;
}

/** What experiments are given of the lab; `close` gives back the models that are still open, and the threads. */
export interface OpenMaterials extends Materials {
  close(): Promise<void>;
}

const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** The lab's models, plugins and data for an experiment. Opens nothing before it is asked. */
export function createMaterials(options: MaterialsOptions): OpenMaterials {
  const { registry, dataDir, base, root = projectRoot, openModel } = options;
  const shelves = modelShelves(root, dataDir);
  const dataShelf = join(dataDir, 'data');
  const classifiers = createClassifierShelf(openModel);
  const reader = createPhotographReader();
  const modelPath = (name: string) => findModelFile(name, { base, shelves, registry });
  return {
    dataShelf,
    openSet: async (name) => (await findAnySet(registry, name)).open(dataShelf),
    modelPath,
    useModel: async (name, work) => classifiers.use(await modelPath(name), work),
    loadAttack: (name) => registry.open('attack', name),
    loadChannel: (name) => registry.open('channel', name),
    loadDefense: (name) => openTransformDefense(name, registry),
    pluginMark: (kind, name) => markPlugin(registry, kind, name),
    reader,
    close: async () => {
      await reader.close();
      await classifiers.close();
    },
  };
}

/** Where models are looked for. */
export interface ModelPlaces {
  /** The folder that paths are relative to. */
  readonly base: string;
  readonly shelves: readonly Shelf[];
  readonly registry: Registry;
}

/**
 * The file of a model: a path, with or without `.onnx`, the name of one on the shelves, or a plugin's.
 * Throws `not-found` with the names there are, `bad-plugin`.
 */
export async function findModelFile(name: string, { base, shelves, registry }: ModelPlaces): Promise<string> {
  const asPath = resolve(base, name);
  for (const path of [asPath, `${asPath}.onnx`]) {
    if (/\.onnx$/i.test(path) && (await exists(path))) return path;
  }
  const shelved = await listShelves(shelves);
  const word = name.replace(/\.onnx$/i, '');
  const found = shelved.find(
    ({ summary }) => summary.id === name || summary.name === word || summary.file === `${word}.onnx`,
  );
  if (found !== undefined) return found.path;
  const brought = await findPluginModel(registry, name);
  if (brought !== undefined) return brought;
  const names = shelved.map(({ summary }) => summary.file.replace(/\.onnx$/i, '')).join(', ') || 'none';
  const text = `there is no model '${name}': no such ONNX file, and none of the lab’s is called so (${names})`;
  throw new HalftoneError('not-found', text);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
