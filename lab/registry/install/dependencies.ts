import { execFile } from 'node:child_process';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';

/** Packages that the host provides, whatever a plugin says. */
const provided = new Set(['@halftone/sdk', '@tensorflow/tfjs-core']);

const named = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/** A plugin's dependency: a name, and the range of versions that its author asks for. */
export interface Dependency {
  readonly name: string;
  readonly range: string;
  /** Whether it comes with the package. */
  readonly bundled: boolean;
}

/** The dependencies of a plugin's folder, those aside that the host provides. Throws `bad-plugin`. */
export async function dependenciesOf(
  folder: string,
  packageJson: unknown,
  what: string,
): Promise<Dependency[]> {
  const parsed = named.safeParse(packageJson);
  if (!parsed.success)
    throw new HalftoneError('bad-plugin', `${what}: dependencies: names with versions are needed`);
  const entries = Object.entries(parsed.data.dependencies).filter(([name]) => !provided.has(name));
  return Promise.all(
    entries.map(async ([name, range]) => {
      checkDependency(name, range, what);
      const found = await stat(join(folder, 'node_modules', name, 'package.json')).catch(() => undefined);
      return { name, range, bundled: found?.isFile() === true };
    }),
  );
}

/** Only versions at a registry: a path or an address could be anything on this machine or in its network. */
function checkDependency(name: string, range: string, what: string): void {
  const isName = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i.test(name);
  const isRange = /^[\w\s.,<>=~^|*+-]*$/.test(range);
  if (isName && isRange) return;
  const shown = JSON.stringify(`${name}@${range}`.slice(0, 200));
  throw new HalftoneError(
    'bad-plugin',
    `${what}: the dependency ${shown} is no version at a registry; it must be, or come with the package (bundleDependencies)`,
  );
}

/** How dependencies are installed. */
export interface NpmOptions {
  /** An empty folder to work in. */
  readonly work: string;
  readonly registry?: string;
  readonly signal?: AbortSignal;
  /** The npm program; the one on the PATH by default. */
  readonly npm?: string;
}

/**
 * Installs the dependencies that don't come with the package, with none of their scripts, in a folder where nothing
 * of the plugin's own can tell npm otherwise, and moves them to the plugin's. Throws `bad-plugin`, and `not-found`
 * where npm isn't installed.
 */
export async function installDependencies(
  folder: string,
  dependencies: readonly Dependency[],
  what: string,
  options: NpmOptions,
): Promise<void> {
  const missing = dependencies.filter(({ bundled }) => !bundled);
  if (missing.length === 0) return;
  if (missing.length < dependencies.length) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new HalftoneError('bad-plugin', `${what}: some of its dependencies come with it, but not ${names}`);
  }
  await mkdir(options.work, { recursive: true });
  const wanted = Object.fromEntries(missing.map(({ name, range }) => [name, range]));
  await writeFile(
    join(options.work, 'package.json'),
    JSON.stringify({ private: true, dependencies: wanted }),
  );
  await runNpm(missing, what, options);
  // What a package calls its own folder of the same name stays behind: this one is complete.
  await rm(join(folder, 'node_modules'), { recursive: true, force: true });
  const installed = join(options.work, 'node_modules');
  await rm(join(installed, '.package-lock.json'), { force: true });
  await rename(installed, join(folder, 'node_modules'));
}

async function runNpm(missing: readonly Dependency[], what: string, options: NpmOptions): Promise<void> {
  const flags = [
    'install',
    '--ignore-scripts',
    '--no-bin-links',
    '--omit=dev',
    '--legacy-peer-deps',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--no-workspaces',
    '--cache=.cache',
    ...(options.registry === undefined ? [] : [`--registry=${options.registry}`]),
  ];
  const windows = process.platform === 'win32';
  try {
    // On Windows npm is a command file, which only a shell runs; no word here comes from the plugin.
    await promisify(execFile)(options.npm ?? (windows ? 'npm.cmd' : 'npm'), flags, {
      cwd: options.work,
      shell: windows,
      timeout: 300_000,
      maxBuffer: 16 << 20,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (cause) {
    const names = missing.map(({ name }) => name).join(', ');
    const { code, stderr = '', message } = cause as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') {
      const text = `${what} needs ${names}, and npm, which would install them, isn't here; it can bring them along (bundleDependencies)`;
      throw new HalftoneError('not-found', text, { cause });
    }
    const reason = stderr.split('\n').find((line) => line.startsWith('npm error')) ?? message.split('\n')[0];
    throw new HalftoneError('bad-plugin', `${what}: npm can't install ${names}: ${reason}`, { cause });
  }
}
