import { realpath, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BrowserWindow, dialog, type Session, session, shell } from 'electron';
import type { LabApi } from '../lab/api.ts';
import { documentPolicy, securityHeaders } from '../lab/host/policy.ts';
import { documentType, fileAddress, fileOfAddress, type RunFile } from '../lab/host/run-documents.ts';
import type { ShellAnswer } from './messages.ts';
import { documentMayRequest, RUN_PREFIX, SCHEME } from './navigation.ts';

/** Runs' files in windows of their own. Each throws an error with words. */
export interface Documents {
  open(file: RunFile): Promise<undefined>;
  /** Shows a run's folder in the system's own file manager. */
  openFolder(id: string): Promise<undefined>;
  /** Resolves when the print dialog is closed. */
  print(file: RunFile): Promise<undefined>;
  /** Asks where to, then writes the file, or a PDF made of an HTML file for a name in `.pdf`. */
  save(file: RunFile, name: string, above: BrowserWindow): Promise<ShellAnswer>;
}

const isPdf = ({ path }: RunFile) => /\.pdf$/i.test(path);

/** How long a PDF's viewer gets to draw before it is printed: it tells nobody when it is done. */
const VIEWER_MS = 1_000;

/** Opens a window on a run's file. */
type OpenDocument = (file: RunFile, show: boolean) => Promise<BrowserWindow>;

/**
 * Windows without a bridge, in a session of their own that loads what they show and nothing else. HTML comes under
 * our scheme with a policy of its own; a PDF from the disk, for Chromium's viewer takes it from there alone.
 */
export function createDocuments(lab: () => LabApi): Documents {
  const openDocument = documentOpener(lab);
  return {
    async open(file) {
      await openDocument(file, true);
      return undefined;
    },
    async openFolder(id) {
      // A folder that the lab named: a path never comes from a page.
      const problem = await shell.openPath((await lab().openRun({ id })).folder);
      if (problem !== '') throw new Error(`the folder can't be shown: ${problem}`);
      return undefined;
    },
    async print(file) {
      const window = await openDocument(file, false);
      try {
        if (isPdf(file)) await pause(VIEWER_MS);
        await printed(window);
      } finally {
        window.destroy();
      }
      return undefined;
    },
    async save(file, name, above) {
      const { filePath } = await dialog.showSaveDialog(above, { defaultPath: name });
      if (!filePath) return {};
      const makesPdf = /\.pdf$/i.test(filePath) && /\.html$/i.test(file.path);
      await writeFile(filePath, makesPdf ? await asPdf(file, openDocument) : await lab().runFile(file));
      return { path: filePath };
    },
  };
}

function documentOpener(lab: () => LabApi): OpenDocument {
  const shown = new Set<string>();
  let confined: Session | undefined;
  return async (file, show) => {
    confined ??= confinedSession(lab, shown);
    const address = isPdf(file)
      ? pathToFileURL(await fileOnDisk(file, lab())).href
      : `${RUN_PREFIX}${fileAddress(file)}`;
    shown.add(address);
    const window = new BrowserWindow({
      show,
      title: file.path,
      webPreferences: {
        session: confined,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        plugins: isPdf(file),
      },
    });
    window.removeMenu();
    try {
      await window.loadURL(address);
    } catch (cause) {
      // It may be one that nobody sees.
      window.destroy();
      throw new Error(`'${file.path}' can't be shown: ${(cause as Error).message}`, { cause });
    }
    return window;
  };
}

/** A session that is granted nothing and requests what is `shown` alone. */
function confinedSession(lab: () => LabApi, shown: ReadonlySet<string>): Session {
  const confined = session.fromPartition('documents');
  confined.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  confined.setPermissionCheckHandler(() => false);
  confined.webRequest.onBeforeRequest(({ url }, decide) => {
    decide({ cancel: !documentMayRequest(url, shown) });
  });
  confined.protocol.handle(SCHEME, (request) => answerRunFile(request.url, lab()));
  return confined;
}

async function asPdf(file: RunFile, openDocument: OpenDocument): Promise<Uint8Array> {
  const window = await openDocument(file, false);
  try {
    return await window.webContents.printToPDF({ printBackground: true, preferCSSPageSize: true });
  } finally {
    window.destroy();
  }
}

async function answerRunFile(address: string, lab: LabApi): Promise<Response> {
  const file = address.startsWith(RUN_PREFIX) ? fileOfAddress(address.slice(RUN_PREFIX.length)) : undefined;
  const bytes = file && (await lab.runFile(file).catch(() => undefined));
  const type = file && documentType(file.path);
  if (bytes === undefined || type === undefined) return new Response('not found', { status: 404 });
  const headers = { ...securityHeaders(documentPolicy(type)), 'Content-Type': type };
  return new Response(new Uint8Array(bytes), { headers });
}

/** Where a run's file lies. Throws where it isn't there, or a link leads out of the run's folder. */
async function fileOnDisk({ id, path }: RunFile, lab: LabApi): Promise<string> {
  const { folder } = await lab.openRun({ id });
  const base = await realpath(folder);
  const file = await realpath(join(base, path)).catch(() => undefined);
  if (file === undefined || !file.startsWith(base + sep)) throw new Error(`the run has no file '${path}'`);
  return file;
}

/** Shows the system's print dialog. Paper is left as it is: a scaled sheet is no longer what was laid out. */
function printed(window: BrowserWindow): Promise<void> {
  const options = {
    silent: false,
    printBackground: true,
    scaleFactor: 100,
    margins: { marginType: 'none' },
  } as const;
  return new Promise((resolve, reject) => {
    window.webContents.print(options, (success, reason) => {
      // The person closed the dialog.
      if (success || /cancel/i.test(reason)) resolve();
      else reject(new Error(`it could not be printed: ${reason}`));
    });
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
