import { mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError, type PluginKind } from '@halftone/sdk';
import { writeAtomic } from '../../data/atomic.ts';
import {
  type EndReport,
  examineIsolated,
  type Isolated,
  type Limits,
  openIsolated,
} from '../isolated/index.ts';
import type { Manifest } from '../manifest.ts';
import { builtIn, type FoundPlugin, findPlugins, type Plugin, readManifest } from '../plugins.ts';
import { type InstallLimits, installLimits } from './limits.ts';
import { listFolder } from './listing.ts';
import {
  type FailureRecord,
  failurePath,
  type InstallRecord,
  readFailure,
  readRecord,
  writeRecord,
} from './record.ts';
import { exists, moveOver, type Staged, stage, sweep } from './stage.ts';

/** Where plugins are installed, and how. */
export interface StoreOptions {
  readonly folder: string;
  /** Where npm names are looked up. */
  readonly registry?: string;
  readonly npm?: string;
  readonly installLimits?: Partial<InstallLimits>;
  /** Of the plugins' processes. */
  readonly processLimits?: Partial<Limits>;
}

/** An installed plugin. */
export interface Installed {
  readonly name: string;
  readonly enabled: boolean;
  readonly folder: string;
  readonly manifest?: Manifest;
  readonly record?: InstallRecord;
  /** Why it can't be used, from its files alone. */
  readonly problem?: string;
}

/** A plugin that was fetched and checked, and waits for a yes or a no. */
export interface Candidate {
  readonly manifest: Manifest;
  readonly checksum: string;
  readonly files: number;
  readonly bytes: number;
  readonly dependencies: InstallRecord['dependencies'];
  readonly resolved: string;
  /** Scripts that npm would run and that are never run here. */
  readonly scripts: readonly string[];
  /** The version that it takes the place of. */
  readonly replaces?: string;
  /** Loads it in a process of its own and puts it among the installed. Throws `bad-plugin`, and leaves nothing then. */
  accept(): Promise<Installed>;
  /** Deletes it. */
  discard(): Promise<void>;
}

const DISABLED = '.disabled';
const TRASH = '.trash';
const INCOMING = '.incoming';

/**
 * The plugins that a user installed: one folder each, as their packages came, with a record beside them. Folders are
 * made elsewhere and renamed, so that a plugin is there whole or not at all.
 */
export class PluginStore {
  readonly #options: StoreOptions;
  readonly #folder: string;
  readonly #limits: InstallLimits;
  readonly #open = new Map<string, Promise<Isolated>>();

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#folder = options.folder;
    this.#limits = { ...installLimits, ...options.installLimits };
  }

  /** What is installed, by name; nothing is run. */
  async list(): Promise<Installed[]> {
    const found = await Promise.all([this.#listIn('', true), this.#listIn(DISABLED, false)]);
    return found.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** One installed plugin, with how it last failed. Throws `not-found`. */
  async info(name: string): Promise<Installed & { readonly failure?: FailureRecord }> {
    const found = await this.#find(name);
    const failure = await readFailure(this.#folder, name);
    return failure === undefined ? found : { ...found, failure };
  }

  /**
   * Fetches a plugin from a folder, a .tgz, an npm name or a git address, unpacks and checks it; no code of it runs.
   * With `replace` it may take the place of the installed one of its name and kind.
   * Throws `not-found`, `bad-plugin`, and `bad-argument` for a name that is taken.
   */
  async add(spec: string, signal?: AbortSignal, replace = false): Promise<Candidate> {
    const staged = await this.#stage(spec, signal);
    try {
      const { name, kind } = staged.manifest;
      await checkBuiltIn(kind, name);
      const installed = (await this.list()).find((other) => other.name === name);
      if (replace && installed?.manifest?.kind === kind) {
        return this.#candidate(staged, installed.folder, installed.manifest.version);
      }
      if (installed !== undefined) {
        const text = `plugin '${name}' is installed already; halftone plugins update ${name} brings a newer one`;
        throw new HalftoneError('bad-argument', text);
      }
      return this.#candidate(staged, join(this.#folder, name));
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  /** Fetches a plugin again from where it came. Throws as `add` does, and `not-found` for one that isn't installed. */
  async update(name: string, signal?: AbortSignal): Promise<Candidate> {
    const installed = await this.#find(name);
    const { record } = installed;
    if (record === undefined) throw noRecord(name);
    const staged = await this.#stage(record.source, signal);
    if (staged.manifest.name !== name) {
      await staged.discard();
      const text = `${record.source} holds the plugin '${staged.manifest.name}' by now, not '${name}'`;
      throw new HalftoneError('bad-plugin', text);
    }
    return this.#candidate(staged, installed.folder, installed.manifest?.version ?? 'another version');
  }

  /** Lets a plugin be used again. Throws `not-found`. */
  async enable(name: string): Promise<void> {
    await this.#move(name, join(this.#folder, DISABLED, name), join(this.#folder, name));
  }

  /** Keeps a plugin without using it. Throws `not-found`. */
  async disable(name: string): Promise<void> {
    await this.#move(name, join(this.#folder, name), join(this.#folder, DISABLED, name));
  }

  /** Puts a plugin away; `restore` brings the last one of its name back. Throws `not-found`. */
  async remove(name: string): Promise<void> {
    const { folder } = await this.#find(name);
    this.#close(name);
    await moveOver(folder, join(this.#folder, TRASH, name));
    await rm(failurePath(this.#folder, name), { force: true });
  }

  /** Brings back what was removed, or replaced by an update, last. What is installed by that name takes its place. */
  async restore(name: string): Promise<void> {
    const kept = join(this.#folder, TRASH, name);
    if (!(await exists(kept))) throw new HalftoneError('not-found', `no removed plugin is called '${name}'`);
    const returning = join(this.#folder, INCOMING, name);
    await moveOver(kept, returning);
    const current = (await this.list()).find((other) => other.name === name);
    await this.#swap(name, returning, current?.folder ?? join(this.#folder, name), current !== undefined);
  }

  /**
   * A plugin that was found among the installed, in a process of its own; its files are compared with the checksum of
   * its installation before each start. Throws `bad-plugin`.
   */
  async open({ manifest, folder }: Pick<FoundPlugin, 'manifest' | 'folder'>): Promise<Plugin> {
    const { name } = manifest;
    const opening = this.#open.get(name) ?? this.#opened(manifest, folder);
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return (await opening).plugin;
  }

  /** Ends the processes of the plugins that were opened. */
  close(): void {
    for (const name of [...this.#open.keys()]) this.#close(name);
  }

  async #opened(manifest: Manifest, folder: string): Promise<Isolated> {
    const { processLimits } = this.#options;
    return openIsolated({
      manifest,
      folder: await realpath(folder),
      ...(processLimits === undefined ? {} : { limits: processLimits }),
      verify: () => this.#verify(manifest.name, folder),
      onEnd: (report) => void this.#note(manifest.name, report),
    });
  }

  async #verify(name: string, folder: string): Promise<void> {
    const record = await readRecord(folder).catch(() => undefined);
    if (record === undefined) throw noRecord(name);
    const { checksum } = await listFolder(folder, `plugin '${name}'`, this.#limits);
    if (checksum === record.checksum) return;
    const text = `plugin '${name}': its files are not those that were installed; remove it and add it again`;
    throw new HalftoneError('bad-plugin', text);
  }

  async #note(name: string, { reason, log }: EndReport): Promise<void> {
    const note: FailureRecord = { at: new Date().toISOString(), reason, log };
    // A note that can't be written is no reason to fail: the error itself reaches who runs the plugin.
    await writeAtomic(failurePath(this.#folder, name), `${JSON.stringify(note)}\n`).catch(() => {});
  }

  async #stage(spec: string, signal: AbortSignal | undefined): Promise<Staged> {
    await this.#tidy();
    const { registry, npm } = this.#options;
    return stage(spec, this.#folder, {
      limits: this.#limits,
      ...(registry === undefined ? {} : { registry }),
      ...(npm === undefined ? {} : { npm }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #candidate(staged: Staged, target: string, replaces?: string): Candidate {
    const { manifest, listing, dependencies, fetched, scripts, discard } = staged;
    return {
      manifest,
      ...listing,
      dependencies: [...dependencies],
      resolved: fetched.resolved,
      scripts,
      ...(replaces === undefined ? {} : { replaces }),
      accept: () => this.#accept(staged, target, replaces !== undefined).finally(discard),
      discard,
    };
  }

  async #accept(
    { folder, manifest, listing, dependencies, fetched }: Staged,
    target: string,
    replaces: boolean,
  ): Promise<Installed> {
    const { processLimits } = this.#options;
    const limits = processLimits === undefined ? {} : { limits: processLimits };
    const plugin = await examineIsolated({ manifest, folder, ...limits });
    const record: InstallRecord = {
      version: 1,
      ...fetched,
      ...listing,
      dependencies: [...dependencies],
      ...(plugin.kind === 'attack' ? { access: plugin.access } : {}),
      installedAt: new Date().toISOString(),
    };
    await writeRecord(folder, record);
    await this.#swap(manifest.name, folder, target, replaces);
    return { name: manifest.name, enabled: !target.includes(DISABLED), folder: target, manifest, record };
  }

  /**
   * Puts a finished folder where it belongs. What is there goes to the trash first; a kill between the two leaves the
   * new one in `.incoming`, from where `#tidy` brings it.
   */
  async #swap(name: string, from: string, target: string, replaces: boolean): Promise<void> {
    this.#close(name);
    if (!replaces) return this.#place(name, from, target);
    const incoming = join(this.#folder, INCOMING, name);
    if (from !== incoming) await moveOver(from, incoming);
    await moveOver(target, join(this.#folder, TRASH, name));
    await this.#place(name, incoming, target);
  }

  async #place(name: string, from: string, target: string): Promise<void> {
    try {
      await rename(from, target);
    } catch (cause) {
      const text = `plugin '${name}' was installed by somebody else meanwhile`;
      throw new HalftoneError('bad-argument', text, { cause });
    }
  }

  /** Finishes or clears away what a killed process left. */
  async #tidy(): Promise<void> {
    await sweep(this.#folder);
    const names = await readdir(join(this.#folder, INCOMING)).catch(() => []);
    for (const name of names) {
      const incoming = join(this.#folder, INCOMING, name);
      const isThere = (await this.list()).some((other) => other.name === name);
      if (isThere) await rm(incoming, { recursive: true, force: true });
      else await rename(incoming, join(this.#folder, name));
    }
  }

  async #move(name: string, from: string, to: string): Promise<void> {
    await this.#find(name);
    if (await exists(to)) return;
    this.#close(name);
    await mkdir(join(to, '..'), { recursive: true });
    await rename(from, to);
  }

  #close(name: string): void {
    const opened = this.#open.get(name);
    this.#open.delete(name);
    opened?.then(({ close }) => close()).catch(() => {});
  }

  async #find(name: string): Promise<Installed> {
    await this.#tidy();
    const all = await this.list();
    const found = all.find((other) => other.name === name);
    if (found !== undefined) return found;
    const names = all.map((other) => other.name).join(', ') || 'none';
    throw new HalftoneError('not-found', `no installed plugin is called '${name}'; there are: ${names}`);
  }

  async #listIn(inside: string, enabled: boolean): Promise<Installed[]> {
    const { plugins, refused } = await findPlugins([
      { folder: join(this.#folder, inside), origin: 'installed' },
    ]);
    const folders = [...plugins, ...refused].map(({ folder }) => folder);
    return Promise.all(folders.map((folder) => describe(folder, enabled)));
  }
}

async function describe(folder: string, enabled: boolean): Promise<Installed> {
  const name = folder.split(/[\\/]/).at(-1)!;
  const { manifest, findings } = await readManifest(folder);
  const record = await readRecord(folder).catch(() => undefined);
  const problem =
    findings?.map(({ field, message }) => `${field}: ${message}`).join('; ') ??
    (record === undefined ? noRecord(name).message : undefined);
  return {
    name,
    enabled,
    folder,
    ...(manifest === undefined ? {} : { manifest }),
    ...(record === undefined ? {} : { record }),
    ...(problem === undefined ? {} : { problem }),
  };
}

function noRecord(name: string): HalftoneError {
  const text = `plugin '${name}' was put there by hand; remove it and install it with halftone plugins add`;
  return new HalftoneError('bad-plugin', text);
}

async function checkBuiltIn(kind: PluginKind, name: string): Promise<void> {
  const { plugins } = await findPlugins([builtIn]);
  if (!plugins.some(({ manifest }) => manifest.name === name && manifest.kind === kind)) return;
  throw new HalftoneError('bad-argument', `Halftone's own ${kind} is called '${name}'; it can't be replaced`);
}
