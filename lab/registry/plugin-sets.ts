import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, type DatasetContext, HalftoneError } from '@halftone/sdk';
import { fileError } from '../data/schema.ts';
import { type DataSet, findSet, type KnownSet, knownSets, type Split } from '../data/sets/index.ts';
import { checkIndices } from '../data/sets/levels.ts';
import { loadKind } from './load-kind.ts';
import type { Registry } from './registry.ts';

/** Data sets that can't be listed, with why. */
export interface BrokenSet {
  readonly name: string;
  readonly problem: string;
}

/** Every data set: those that the lab knows, then those that plugins bring. None is opened. */
export async function listSets(
  registry: Registry,
): Promise<{ readonly sets: readonly KnownSet[]; readonly broken: readonly BrokenSet[] }> {
  const { loaded, failed } = await loadKind(registry, 'dataset');
  const sets = [...knownSets, ...loaded.map(({ plugin, found }) => knownSetOf(plugin, found.folder))];
  const broken = failed.map(({ found, error }) => ({ name: found.manifest.name, problem: error.message }));
  return { sets, broken };
}

/**
 * The data set of this name, not opened yet: one that the lab knows, one that a JSON file describes, or a plugin's.
 * Throws `not-found` with the names there are, `bad-plugin`.
 */
export async function findAnySet(registry: Registry, name: string): Promise<KnownSet> {
  try {
    return findSet(name);
  } catch (error) {
    const { plugins } = await registry.find();
    const others = plugins.filter(({ manifest }) => manifest.kind === 'dataset');
    const found = others.find(({ manifest }) => manifest.name === name);
    if (found !== undefined) return knownSetOf((await registry.load(found)) as Dataset, found.folder);
    if (others.length === 0) throw error;
    const names = others.map(({ manifest }) => manifest.name).join(', ');
    throw new HalftoneError('not-found', `${(error as Error).message}; plugins bring ${names}`);
  }
}

/** A plugin's data set as one that the lab knows. `folder` is where `file` reads of a plugin in this process. */
export function knownSetOf(dataset: Dataset, folder: string): KnownSet {
  const { name, title, source, licence, classes, input } = dataset;
  const summary = `${title}. ${source}; ${licence}`;
  return {
    name,
    summary,
    isHere: async () => true,
    open: async (): Promise<DataSet> => ({
      name,
      summary,
      classes: classes.map((one) => ({ name: one })),
      ...input,
      splits: { train: await open(dataset, 'train', folder), test: await open(dataset, 'test', folder) },
    }),
  };
}

async function open(dataset: Dataset, which: 'train' | 'test', folder: string): Promise<Split> {
  const { name, classes, input } = dataset;
  const part = dataset[which];
  const labels = await part.labels(contextOf(folder));
  const what = `dataset '${name}' (${which})`;
  const bad = (text: string) => new HalftoneError('bad-labels', `${what}: ${text}`);
  if (labels.length !== part.count) throw bad(`${labels.length} labels for ${part.count} images`);
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes.length));
  if (wrong >= 0) {
    throw bad(`label ${labels[wrong]} of image ${wrong} is outside 0 to ${classes.length - 1}`);
  }
  const labelsOf = (indices: ArrayLike<number>) => {
    checkIndices(indices, part.count);
    return Int32Array.from(indices, (index) => labels[index]!);
  };
  return {
    count: part.count,
    labels: labelsOf,
    async read(indices, signal) {
      const chosen = labelsOf(indices);
      const levels = await part.read(Int32Array.from(indices), contextOf(folder, signal));
      const size = chosen.length * input.height * input.width * input.channels;
      if (levels.length !== size) {
        throw new HalftoneError(
          'bad-image',
          `${what}: ${levels.length} levels where its images have ${size}`,
        );
      }
      const data = Float32Array.from(levels, (level) => level / 255);
      return { images: { ...input, data, count: chosen.length }, labels: chosen };
    },
  };
}

function contextOf(folder: string, signal = new AbortController().signal): DatasetContext {
  return {
    async file(path) {
      if (!/^\.\/[^\\\0]+$/.test(path) || path.split('/').includes('..')) {
        const text = `'${path}' is no path within the plugin's folder that begins ./`;
        throw new HalftoneError('bad-argument', text);
      }
      const whole = join(folder, path);
      return readFile(whole).catch((cause: unknown) => {
        throw fileError(whole, cause);
      });
    },
    signal,
  };
}
