import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Electron's program, or why the desktop can't be had here. */
export type Desktop = { readonly program: string } | { readonly reason: string };

/** What the decision depends on; tests hand in their own. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's number; undefined on Windows. */
  readonly uid: number | undefined;
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  env: process.env,
  uid: process.getuid?.(),
});

/** Where Electron's own installer gets its binaries. */
const DOWNLOADS = 'https://github.com';
const REACHABLE_WITHIN_MS = 5_000;
const DOWNLOADED_WITHIN_MS = 10 * 60_000;

/** Why a window can't open on this machine, whatever is installed; undefined where it can. */
export function noWindowHere({ platform, env, uid }: Machine): string | undefined {
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display for a window';
  if (platform === 'linux' && uid === 0) return "Electron's sandbox refuses to run as root";
  return undefined;
}

/** The program that Electron's package has unpacked; undefined where its binary isn't there. */
export async function installedElectron(root: string): Promise<string | undefined> {
  const folder = join(root, 'node_modules', 'electron');
  const place = await readFile(join(folder, 'path.txt'), 'utf8').catch(() => undefined);
  if (place === undefined) return undefined;
  const program = join(folder, 'dist', place.trim());
  const found = await stat(program).catch(() => undefined);
  return found?.isFile() ? program : undefined;
}

/**
 * Finds Electron, fetching its binary once where there is a network; `say` gets a line before the long wait.
 * The binary is optional: its package installs without it.
 */
export async function findDesktop(
  root: string,
  say: (line: string) => void,
  machine: Machine = thisMachine(),
): Promise<Desktop> {
  const reason = noWindowHere(machine);
  if (reason !== undefined) return { reason };
  const installed = await installedElectron(root);
  if (installed !== undefined) return { program: installed };
  const { ELECTRON_MIRROR, npm_config_electron_mirror } = machine.env;
  const source = ELECTRON_MIRROR || npm_config_electron_mirror || DOWNLOADS;
  if (!(await reachable(source))) {
    return { reason: `Electron's binary is not installed and ${source} can't be reached` };
  }
  say(`Fetching the desktop window (Electron, about 110 MB, once) from ${source} …`);
  const failure = await download(root);
  const program = await installedElectron(root);
  if (program !== undefined) return { program };
  return { reason: `Electron's binary could not be fetched${failure === '' ? '' : `: ${failure}`}` };
}

async function reachable(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
    return true;
  } catch {
    return false;
  }
}

/** Runs the installer that Electron's package brings; gives back what it complained of, in one line. */
function download(root: string): Promise<string> {
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const child = spawn(process.execPath, [installer], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: DOWNLOADED_WITHIN_MS,
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(complaint.split('\n')[0]?.trim() ?? ''));
  });
}

/**
 * Opens the desktop on a built tree; resolves when it ends. `startedBadly` tells an Electron that never got as
 * far as a window (a missing system library, say) from one that a person closed.
 */
export function runDesktop(
  program: string,
  { root, dataDir }: { root: string; dataDir: string },
): Promise<{ startedBadly?: string }> {
  const startedAt = Date.now();
  const child = spawn(program, [root], {
    env: { ...process.env, HALFTONE_DATA: dataDir },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk).slice(-2000);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ startedBadly: error.message }));
    child.once('close', (code) => {
      const early = Date.now() - startedAt < 15_000;
      const lastLine = complaint.trim().split('\n').at(-1) ?? '';
      resolve(code !== 0 && early ? { startedBadly: lastLine || `it ended with code ${code}` } : {});
    });
  });
}
