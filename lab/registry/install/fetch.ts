import { execFile } from 'node:child_process';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { HalftoneError } from '@halftone/sdk/errors';
import { fetchError } from './fetch-error.ts';
import { FolderTree } from './folder-tree.ts';
import type { InstallLimits } from './limits.ts';

/** How a plugin is fetched. */
export interface FetchOptions {
  /** An empty folder for what the fetcher keeps meanwhile. */
  readonly cache: string;
  /** Where npm names are looked up; npm's own registry by default, or the one that npm is set to. */
  readonly registry?: string;
  readonly limits: InstallLimits;
  readonly signal?: AbortSignal;
}

/** A package as it came. */
export interface Fetched {
  readonly archive: Uint8Array;
  /** Where it came from, exactly: a file, an address with its commit, a version at a registry. */
  readonly resolved: string;
  /** How it can be fetched again, for updates. */
  readonly source: string;
}

/**
 * Fetches a package as an archive: from a folder, a .tgz, an npm name or a git address. None of its scripts runs.
 * Throws `not-found`, `bad-plugin`, `bad-argument`.
 */
export async function fetchPackage(spec: string, options: FetchOptions): Promise<Fetched> {
  const local = await localPath(spec);
  if (local?.isFile === true) return readPacked(local.path, options);
  if (local !== undefined) return packFolder(local.path, options);
  if (/^\.{0,2}\//.test(spec)) throw new HalftoneError('not-found', `${spec}: no such file or folder`);
  if (isGit(spec)) await needGit();
  return download(spec, options);
}

async function localPath(spec: string): Promise<{ path: string; isFile: boolean } | undefined> {
  const path = resolve(spec.replace(/^file:/, ''));
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  // A word such as `halftone-attack` is an npm name, even where a folder is called so: `./` says which is meant.
  const looksLikePath = /^(file:|\.{0,2}[\\/]|[A-Za-z]:)/.test(spec) || /[\\/]$|\.(tgz|tar\.gz)$/.test(spec);
  return looksLikePath ? { path: await realpath(path), isFile: found.isFile() } : undefined;
}

async function readPacked(path: string, { limits }: FetchOptions): Promise<Fetched> {
  if ((await stat(path)).size > limits.archiveBytes) throw tooLarge(path, limits);
  return { archive: await readFile(path), resolved: path, source: path };
}

function tooLarge(spec: string, { archiveBytes }: InstallLimits): HalftoneError {
  return new HalftoneError('bad-plugin', `${spec}: larger than ${archiveBytes / 2 ** 20} MiB as it comes`);
}

function isGit(spec: string): boolean {
  return /^(git[+:@]|git\+|[\w-]+:\w|[\w.-]+\/[\w.-]+$)|\.git(#|$)/.test(spec) && !spec.startsWith('@');
}

async function needGit(): Promise<void> {
  await promisify(execFile)('git', ['--version']).catch((cause) => {
    throw new HalftoneError('not-found', 'a git address needs git, and git is not installed here', { cause });
  });
}

/** The part of pacote that is used here; its own types are of an older version. */
interface Pacote {
  readonly tarball: {
    stream<T>(
      spec: string,
      handler: (stream: AsyncIterable<Buffer> & { resolved?: string }) => Promise<T>,
      options: object,
    ): Promise<T>;
  };
  resolve(spec: string, options: object): Promise<string>;
}

async function download(spec: string, options: FetchOptions): Promise<Fetched> {
  return guarded(spec, async () => {
    const common = pacoteOptions(options);
    const resolved = await pacote().resolve(spec, common);
    // What was looked up is what is fetched, also where a name or a branch moves on meanwhile.
    const exact = isGit(spec) ? resolved : spec;
    const archive = await collect(exact, common, options);
    return { archive, resolved, source: spec };
  });
}

async function packFolder(folder: string, options: FetchOptions): Promise<Fetched> {
  return guarded(folder, async () => {
    const archive = await collect(`file:${folder}`, pacoteOptions(options), options);
    return { archive, resolved: folder, source: folder };
  });
}

async function collect(spec: string, common: object, { limits }: FetchOptions): Promise<Uint8Array> {
  return pacote().tarball.stream(
    spec,
    async (stream) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      for await (const piece of stream) {
        bytes += piece.length;
        if (bytes > limits.archiveBytes) throw tooLarge(spec, limits);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    },
    common,
  );
}

function pacoteOptions({ cache, registry, signal }: FetchOptions): object {
  const chosen = registry ?? process.env.npm_config_registry;
  return {
    cache,
    ignoreScripts: true,
    Arborist: FolderTree,
    preferOnline: true,
    ...(chosen === undefined ? {} : { registry: chosen }),
    ...(signal === undefined ? {} : { signal }),
  };
}

let loaded: Pacote | undefined;
function pacote(): Pacote {
  loaded ??= createRequire(import.meta.url)('pacote') as Pacote;
  return loaded;
}

async function guarded<T>(spec: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof HalftoneError ? cause : fetchError(spec, cause as Error);
  }
}
