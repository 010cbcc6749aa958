import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { makeFolder } from '../../data/folders.ts';
import { readJson, sayFindings } from '../../data/schema.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import { type ArchivedFile, readArchive } from './archive.ts';
import { type Dependency, dependenciesOf, installDependencies } from './dependencies.ts';
import { type Fetched, fetchPackage } from './fetch.ts';
import { type InstallLimits, RECORD_FILE } from './limits.ts';
import { type Listing, listFolder } from './listing.ts';

/** A package as it would be installed, in a folder that nobody else sees. */
export interface Staged {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly listing: Listing;
  readonly dependencies: readonly Dependency[];
  readonly fetched: Pick<Fetched, 'resolved' | 'source'>;
  /** Scripts that npm would run and that are never run here. */
  readonly scripts: readonly string[];
  /** Deletes it. */
  discard(): Promise<void>;
}

export interface StageOptions {
  readonly limits: InstallLimits;
  readonly registry?: string;
  readonly npm?: string;
  readonly signal?: AbortSignal;
}

const PREFIX = '.staging-';

/** Fetches a package into a folder of its own within `place` and checks it. Nothing stays behind when that fails. */
export async function stage(spec: string, place: string, options: StageOptions): Promise<Staged> {
  await makeFolder(place);
  const root = join(await realpath(place), `${PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`);
  await mkdir(root);
  const discard = () => rm(root, { recursive: true, force: true, maxRetries: 3 });
  try {
    return { ...(await filled(spec, root, options)), discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function filled(spec: string, root: string, options: StageOptions): Promise<Omit<Staged, 'discard'>> {
  const { limits, registry, npm, signal } = options;
  const shared = {
    ...(registry === undefined ? {} : { registry }),
    ...(signal === undefined ? {} : { signal }),
  };
  const cache = join(root, 'cache');
  const fetched = await fetchPackage(spec, { cache, limits, ...shared });
  const files = await readArchive(fetched.archive, spec, limits);
  const folder = join(root, 'package');
  await writeFiles(folder, files, spec);
  const packageJson = await readJson(join(folder, 'package.json')).catch(() => undefined);
  const manifest = manifestOf(packageJson, files, spec);
  const dependencies = await dependenciesOf(folder, packageJson, spec);
  const work = join(root, 'dependencies');
  await installDependencies(folder, dependencies, spec, {
    work,
    ...shared,
    ...(npm === undefined ? {} : { npm }),
  });
  const listing = await listFolder(folder, spec, limits);
  const { resolved, source } = fetched;
  return {
    folder,
    manifest,
    listing,
    dependencies,
    fetched: { resolved, source },
    scripts: scriptsOf(packageJson),
  };
}

function manifestOf(packageJson: unknown, files: readonly ArchivedFile[], spec: string): Manifest {
  if (packageJson === undefined)
    throw new HalftoneError('bad-plugin', `${spec}: holds no package.json that can be read`);
  const { manifest, findings } = parseManifest(packageJson);
  if (manifest === undefined)
    throw new HalftoneError('bad-plugin', `${spec} is no plugin: ${sayFindings(findings)}`);
  const entry = manifest.entry.slice('./'.length);
  if (files.some(({ path }) => path === entry)) return manifest;
  throw new HalftoneError(
    'bad-plugin',
    `${spec}: its manifest names ${manifest.entry}, which isn't among its files`,
  );
}

/** What npm would run when it installs a package. */
function scriptsOf(packageJson: unknown): string[] {
  const { scripts } = packageJson as { scripts?: Record<string, unknown> };
  return ['preinstall', 'install', 'postinstall', 'prepare'].filter(
    (name) => typeof scripts?.[name] === 'string',
  );
}

async function writeFiles(folder: string, files: readonly ArchivedFile[], spec: string): Promise<void> {
  await mkdir(folder);
  const made = new Set<string>();
  for (const { path, bytes } of files) {
    if (path === RECORD_FILE)
      throw new HalftoneError('bad-plugin', `${spec}: ${RECORD_FILE} is not its to bring`);
    const target = join(folder, path);
    const parent = dirname(target);
    if (!made.has(parent)) await mkdir(parent, { recursive: true });
    made.add(parent);
    await writeFile(target, bytes, { flag: 'wx', mode: 0o644 });
  }
}

/** Deletes what killed installs left behind. */
export async function sweep(place: string): Promise<void> {
  const names = await readdir(place).catch(() => []);
  for (const name of names) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : undefined;
    if (owner === undefined || owner === process.pid || isRunning(owner)) continue;
    await rm(join(place, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether there is something at this path. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Moves a folder over whatever is there. */
export async function moveOver(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}
