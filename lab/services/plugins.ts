import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { PluginCandidate, PluginListed, PluginsApi } from '../api/contract/plugins.ts';
import { writeAtomic } from '../data/atomic.ts';
import { makeFolder } from '../data/folders.ts';
import type { Candidate, Installed } from '../registry/install/index.ts';
import { builtIn, type FoundPlugin, findPlugins } from '../registry/plugins.ts';
import type { LabContext } from './context.ts';

/** Packages that were fetched and wait for an answer, at most: more are forgotten questions. */
const MOST_WAITING = 8;

/** Plugins that others wrote, and those that come with the lab. */
export function createPluginsService({ dataDir, store, jobs }: LabContext): PluginsApi {
  const waiting = new Waiting();
  const fetching = new Fetching();
  const changing = (change: (name: string) => Promise<void>) => async (request: { id: string }) => {
    await change(request.id);
    jobs.changed('plugins');
  };

  return {
    async listPlugins() {
      const { plugins } = await findPlugins([builtIn]);
      const own = await Promise.all(plugins.map(builtInListed));
      return [...(await Promise.all((await store.list()).map(installedListed))), ...own];
    },
    async pluginLog({ id }) {
      return (await store.info(id)).failure ?? null;
    },
    async fetchPlugin(request) {
      if ('source' in request) {
        const { source } = request;
        return waiting.add(await fetching.fetch((signal) => store.add(source, signal, true)));
      }
      const place = join(dataDir, 'packages');
      await makeFolder(place);
      // Kept: an update fetches it from where it came.
      const mark = createHash('sha256').update(request.bytes).digest('hex').slice(0, 8);
      const path = join(place, `${mark}-${request.name}`);
      await writeAtomic(path, request.bytes);
      return waiting.add(await store.add(path, undefined, true));
    },
    fetchPluginUpdate: async ({ id }) =>
      waiting.add(await fetching.fetch((signal) => store.update(id, signal))),
    cancelPluginFetch: async () => fetching.cancel(),
    async acceptPlugin({ token }) {
      await waiting.take(token).accept();
      jobs.changed('plugins');
    },
    discardPlugin: async ({ token }) => waiting.take(token).discard(),
    enablePlugin: changing((name) => store.enable(name)),
    disablePlugin: changing((name) => store.disable(name)),
    removePlugin: changing((name) => store.remove(name)),
    restorePlugin: changing((name) => store.restore(name)),
  };
}

/** What is being fetched. */
class Fetching {
  readonly #controllers = new Set<AbortController>();

  /** Throws `cancelled` at once when it is called off, also where a clone of git's has to come to its end first. */
  async fetch(begin: (signal: AbortSignal) => Promise<Candidate>): Promise<Candidate> {
    const controller = new AbortController();
    const { signal } = controller;
    const calledOff = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => calledOff.reject(new HalftoneError('cancelled', 'called off')));
    this.#controllers.add(controller);
    const work = begin(signal);
    try {
      return await Promise.race([work, calledOff.promise]);
    } catch (cause) {
      work.then(
        (candidate) => candidate.discard(),
        () => undefined,
      );
      throw cause;
    } finally {
      this.#controllers.delete(controller);
    }
  }

  cancel(): void {
    for (const controller of this.#controllers) controller.abort();
  }
}

/** Plugins that were fetched and wait for a yes or a no. */
class Waiting {
  readonly #candidates = new Map<string, Candidate>();

  /** What a person is asked about it. */
  async add(candidate: Candidate): Promise<PluginCandidate> {
    const token = randomUUID();
    this.#candidates.set(token, candidate);
    const [oldest] = this.#candidates.keys();
    if (this.#candidates.size > MOST_WAITING) await this.take(oldest!).discard();
    const { manifest, checksum, files, bytes, dependencies, resolved, scripts, replaces } = candidate;
    const { name: id, kind, packageName, version, apiVersion, access } = manifest;
    return {
      ...{ token, id, kind, packageName, version, apiVersion },
      ...{ checksum, files, bytes, dependencies, resolved, scripts },
      ...(access === undefined ? {} : { access }),
      ...(replaces === undefined ? {} : { replaces }),
    };
  }

  /** Throws `not-found` for one that was answered for. */
  take(token: string): Candidate {
    const candidate = this.#candidates.get(token);
    if (candidate === undefined) {
      throw new HalftoneError('not-found', 'this plugin was answered for already; fetch it again');
    }
    this.#candidates.delete(token);
    return candidate;
  }
}

async function builtInListed({ manifest, folder }: FoundPlugin): Promise<PluginListed> {
  const { name: id, kind, packageName, version, access } = manifest;
  return {
    ...{ id, kind, origin: 'built-in', packageName, version, enabled: true, folder },
    ...(access === undefined ? {} : { access }),
    ...(await cardOf(folder)),
  };
}

async function installedListed(found: Installed): Promise<PluginListed> {
  const { name: id, enabled, folder, manifest, record, problem } = found;
  const access = record?.access ?? manifest?.access;
  return {
    ...{ id, origin: 'installed', enabled, folder },
    ...(manifest === undefined
      ? {}
      : { kind: manifest.kind, packageName: manifest.packageName, version: manifest.version }),
    ...(access === undefined ? {} : { access }),
    ...(problem === undefined ? {} : { problem }),
    ...(record === undefined ? {} : { installed: factsOf(record) }),
    ...(await cardOf(folder)),
  };
}

function factsOf(record: NonNullable<Installed['record']>): NonNullable<PluginListed['installed']> {
  const { resolved, checksum, files, bytes, dependencies, installedAt } = record;
  return { resolved, checksum, files, bytes, dependencies, installedAt };
}

/** Longest README that is shown, in characters. */
const LONGEST_CARD = 100_000;

async function cardOf(folder: string): Promise<{ card?: string }> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => undefined);
  return card === undefined ? {} : { card: card.slice(0, LONGEST_CARD) };
}
