import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultDataDir } from '../lab/host/data-dir.ts';
import { createLab } from '../lab/lab.ts';
import { openBrowser } from './browser.ts';
import { build, isStale } from './build.ts';
import { findDesktop, noWindowHere, runDesktop } from './desktop.ts';
import { keptToken } from './token.ts';
import { serveWeb } from './web.ts';

export interface StartOptions {
  /** The browser, even where the desktop could run. */
  readonly web?: boolean;
  /** Port of the web host; any free one by default. Asking for a port asks for the browser. */
  readonly port?: number;
  /** The lab's folder; see `defaultDataDir`. */
  readonly dataDir?: string;
  /** Whether to open the browser on the link; true by default. */
  readonly open?: boolean;
  /** Gets each line for the person; standard output by default. */
  readonly print?: (line: string) => void;
}

/** A started lab. */
export interface Started {
  readonly kind: 'desktop' | 'web';
  /** The link with its token, in the browser. */
  readonly url?: string;
  /** Ends the lab. */
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Opens the lab: in its desktop window where that can run, else in the browser, saying which and why. Resolves
 * when the lab is up (web) or its window was closed (desktop). Throws `HalftoneError`.
 */
export async function start(options: StartOptions = {}): Promise<Started> {
  const { print = printLine, dataDir = defaultDataDir() } = options;
  const folder = resolve(dataDir);
  if (await isStale(root)) {
    print('Building the interface (once, a few seconds) …');
    await build(root);
  }
  const reason = await tryDesktop(options, folder, print);
  if (reason === undefined) return { kind: 'desktop', close: async () => undefined };
  return startWeb({ ...options, print, dataDir: folder, reason });
}

/** Undefined when the desktop has run, else why the browser is taken. */
async function tryDesktop(
  { web, port }: StartOptions,
  dataDir: string,
  print: (line: string) => void,
): Promise<string | undefined> {
  if (web) return 'asked for with --web';
  if (port !== undefined) return 'asked for with --port';
  const desktop = await findDesktop(root, print);
  if ('reason' in desktop) return desktop.reason;
  print('Halftone opens in its desktop window (Electron).');
  const { startedBadly } = await runDesktop(desktop.program, { root, dataDir });
  return startedBadly === undefined ? undefined : `Electron did not start: ${startedBadly}`;
}

interface WebStart extends StartOptions {
  readonly print: (line: string) => void;
  readonly dataDir: string;
  readonly reason: string;
}

async function startWeb({ print, dataDir, reason, port, open = true }: WebStart): Promise<Started> {
  const lab = createLab({ dataDir, root });
  const host = await serveWeb({
    lab,
    files: join(root, 'out', 'renderer'),
    // At a port of one's own a page that is open finds the lab again after it was started anew.
    ...(port === undefined || port === 0 ? {} : { port, token: await keptToken(dataDir) }),
  });
  print(`Halftone runs in the browser (${reason}).`);
  print(`Open ${host.url}`);
  print('Ctrl+C ends it.');
  const display = noWindowHere({ platform: process.platform, env: process.env, uid: undefined });
  if (open && display === undefined) openBrowser(host.url);
  return {
    kind: 'web',
    url: host.url,
    close: async () => {
      await host.close();
      await lab.close();
    },
  };
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
