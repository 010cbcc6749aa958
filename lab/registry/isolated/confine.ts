import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** How far a plugin's process may go before it is ended. */
export interface Limits {
  /** All memory of the process. */
  readonly memoryMiB: number;
  /** How long it may say and ask nothing while it is its turn. */
  readonly silenceMs: number;
  /** How long starting and loading may take. */
  readonly startMs: number;
  /** Messages a second that ask nothing. */
  readonly noticesPerSecond: number;
  /** What it may write to its log, in all. */
  readonly logBytes: number;
}

export const defaultLimits: Limits = {
  memoryMiB: 2048,
  silenceMs: 120_000,
  startMs: 60_000,
  noticesPerSecond: 1000,
  logBytes: 8 << 20,
};

/** A program with its arguments and environment. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);

/** Files of ours that the process runs. */
const ownFiles = [here('./program'), here('./wire.ts'), here('../tensors.ts'), here('../../../package.json')];

/** What plugins import and the host provides. */
const sdkModules = ['@halftone/sdk', '@halftone/sdk/errors', '@halftone/sdk/image'];
const tensorPackages = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-cpu',
];

/** What a process may load: provided packages by name, and folders to read. */
export interface Provided {
  readonly urls: Readonly<Record<string, string>>;
  readonly folders: readonly string[];
}

/** The SDK and TensorFlow.js as they lie here. */
export function providedPackages(): Provided {
  const urls: Record<string, string> = {};
  for (const name of [...sdkModules, ...tensorPackages])
    urls[name] = pathToFileURL(require.resolve(name)).href;
  const folders = new Set([dirname(require.resolve('@halftone/sdk'))]);
  for (const name of tensorPackages) addPackage(name, require, folders);
  return { urls, folders: [...folders] };
}

/** A package's folder and those of the packages that it needs. */
function addPackage(name: string, from: NodeJS.Require, folders: Set<string>): void {
  let file: string;
  try {
    file = from.resolve(`${name}/package.json`);
  } catch {
    // Packages of types alone, and those that hide their package.json, hold nothing that is loaded here.
    return;
  }
  if (folders.has(dirname(file))) return;
  folders.add(dirname(file));
  const { dependencies = {} } = from(file) as { dependencies?: Record<string, string> };
  const inside = createRequire(file);
  for (const dependency of Object.keys(dependencies)) {
    if (computing.has(dependency)) addPackage(dependency, inside, folders);
  }
}

/** Of what TensorFlow.js needs, that which computes: the rest fetches or describes types. */
const computing = new Set(['long', 'seedrandom', '@tensorflow/tfjs-backend-cpu']);

/** The command line of a process that may read these folders and do nothing else to the machine. */
export async function confinedCommand(folders: readonly string[], limits: Limits): Promise<CommandLine> {
  const reading = [...ownFiles, ...folders].map((path) => `--allow-fs-read=${path}`);
  const flags = [
    '--permission',
    ...reading,
    '--no-addons',
    '--disallow-code-generation-from-strings',
    '--frozen-intrinsics',
    '--disable-sigusr1',
    '--no-experimental-sqlite',
    '--no-warnings',
    // Objects alone; what arrays hold counts in the process's memory.
    `--max-old-space-size=${Math.floor(limits.memoryMiB / 2)}`,
  ];
  const command = [process.execPath, ...flags, here('./program/main.ts')];
  const [program, ...args] = await wrapped(command, limits);
  return { program: program!, args, env: environment() };
}

/** Nothing of the host's but what programs need to start. */
function environment(): Record<string, string> {
  const env: Record<string, string> = {};
  if (process.versions.electron !== undefined) env.ELECTRON_RUN_AS_NODE = '1';
  const { SystemRoot } = process.env;
  if (process.platform === 'win32' && SystemRoot !== undefined) env.SystemRoot = SystemRoot;
  return env;
}

/**
 * On Linux the kernel helps: no network interface, an end with the host's, bounds on memory, files of no bytes.
 * `exec` keeps the process's number, so that it is the plugin's process that is watched and ended.
 */
async function wrapped(command: readonly string[], { memoryMiB }: Limits): Promise<readonly string[]> {
  if (process.platform !== 'linux') return command;
  const prefix = await kernelPrefix();
  // Memory that is taken is watched and ended at its limit; this is the wall behind it, with room for what Node sets
  // aside and never uses.
  const wallKiB = (memoryMiB + 1024) * 1024;
  const bounds = `ulimit -c 0; ulimit -f 0; ulimit -d ${wallKiB}; exec "$@"`;
  return ['/bin/sh', '-c', bounds, 'sh', ...prefix, ...command];
}

/** Programs of util-linux, the strictest combination that works here first. */
const alone = ['unshare', '--user', '--map-current-user', '--net', '--'];
const tied = ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--'];
const prefixes: readonly (readonly string[])[] = [[...alone, ...tied], alone, tied];
let prefix: Promise<readonly string[]> | undefined;

function kernelPrefix(): Promise<readonly string[]> {
  prefix ??= firstThatWorks();
  return prefix;
}

async function firstThatWorks(): Promise<readonly string[]> {
  for (const words of prefixes) {
    const command = words.map((word) =>
      word === 'unshare' || word === 'setpriv' ? `/usr/bin/${word}` : word,
    );
    try {
      await promisify(execFile)(command[0]!, [...command.slice(1), '/bin/true'], { env: {} });
      return command;
    } catch {
      // Not installed, or the kernel doesn't let ordinary users: the next one asks for less.
    }
  }
  return [];
}

/** What holds a plugin's process back on this machine beside Node itself, for people. */
export async function confinement(): Promise<{
  readonly network: 'kernel' | 'modules';
  readonly memory: 'kernel' | 'watched' | 'heap';
}> {
  const words = process.platform === 'linux' ? await kernelPrefix() : [];
  const memory = process.platform === 'linux' ? 'kernel' : process.platform === 'win32' ? 'heap' : 'watched';
  return { network: words.includes('--net') ? 'kernel' : 'modules', memory };
}

/** The folder of the SDK and the tensors, as URLs that a sealed process may load from. */
export function moduleRoots(folders: readonly string[]): string[] {
  return folders.map((folder) => pathToFileURL(join(folder, '/')).href);
}
