import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { DataApi, DataSetListed } from '../api/contract/data.ts';
import { makeFolder } from '../data/folders.ts';
import { fileError } from '../data/schema.ts';
import { downloadsOf, fetchToShelf, type KnownSet, knownSets } from '../data/sets/index.ts';
import { listSets } from '../registry/plugin-sets.ts';
import type { LabContext } from './context.ts';

/** The data sets that go by a name. `published`: those that the lab knows; tests bring their own. */
export function createDataService(
  { registry, materials, dataDir, jobs }: LabContext,
  published: readonly KnownSet[] = knownSets,
): DataApi {
  const shelf = materials.dataShelf;
  const place = (name: string) => join(shelf, name);
  const putAway = (name: string) => join(dataDir, 'trash', 'data', name);

  /** A set whose files lie on the shelf or can come there. */
  function publishedSet(name: string): KnownSet {
    const found = published.find((set) => set.name === name && set.originals !== undefined);
    if (found !== undefined) return found;
    throw new HalftoneError('not-found', `there is no published data set '${name}'`);
  }

  return {
    async listDataSets() {
      const { sets } = await listSets(registry);
      const brought = sets.filter(({ name }) => !knownSets.some((known) => known.name === name));
      return Promise.all([
        ...published.map((set) => describe(set, shelf)),
        ...brought.map(({ name, summary }) => ({ name, summary, origin: 'plugin' as const, here: true })),
      ]);
    },
    async fetchData({ name }) {
      const set = publishedSet(name);
      if (await set.isHere(shelf)) throw new HalftoneError('bad-argument', `'${name}' is here already`);
      return jobs.start({
        kind: 'data',
        subject: `data:${name}`,
        title: `Fetching ${name}`,
        topics: ['data'],
        unit: 'bytes',
        aside: true,
        work: async ({ signal, onProgress }) => {
          await fetchToShelf(set, shelf, {
            signal,
            onProgress: (what, done, total) => onProgress({ what, done, total: total ?? 0 }),
          });
        },
      });
    },
    async removeData({ name }) {
      const set = publishedSet(name);
      if (!(await set.isHere(shelf))) throw new HalftoneError('not-found', `'${name}' isn’t here`);
      await rm(putAway(name), { recursive: true, force: true });
      await move(place(name), putAway(name));
      jobs.changed('data');
    },
    async restoreData({ name }) {
      const set = publishedSet(name);
      if (await set.isHere(shelf)) throw new HalftoneError('bad-argument', `'${name}' is here again already`);
      await move(putAway(name), place(name));
      jobs.changed('data');
    },
  };
}

async function describe(
  { name, summary, originals, isHere }: KnownSet,
  shelf: string,
): Promise<DataSetListed> {
  const here = await isHere(shelf);
  if (originals === undefined) return { name, summary, origin: 'built-in', here };
  const { home, published: files } = originals;
  const got = here ? 0 : await sizeOf(downloadsOf(name, shelf));
  const folder = join(shelf, name);
  return {
    ...{ name, summary, origin: 'published', here, folder },
    ...(here ? { size: await sizeOf(folder) } : {}),
    published: { home, files, got },
  };
}

/** Of the files in a folder, in bytes; 0 for a folder that isn't there. */
async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(folder, file)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function move(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await rename(from, to).catch((cause: unknown) => {
    throw fileError(to, cause, 'write');
  });
}
