import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, protocol, screen, session } from 'electron';
import { policyOf, securityHeaders } from '../lab/host/policy.ts';
import { contentType, staticFile } from '../lab/host/static-files.ts';
import { createLabHost } from './lab-host.ts';
import { LAB_REQUEST } from './messages.ts';
import { HOME, isOwnAddress, pathOf, SCHEME } from './navigation.ts';
import { grants } from './permissions.ts';
import { openingBounds, parseState, SMALLEST, type WindowState } from './window-state.ts';

const rendererFiles = join(import.meta.dirname, '..', 'renderer');

/** Serves the renderer's files under our own scheme, with the headers that the web host sends. */
async function answer(address: string): Promise<Response> {
  const path = pathOf(address);
  const file = path === undefined ? undefined : staticFile(rendererFiles, path);
  const body = file === undefined ? undefined : await readFile(file).catch(() => undefined);
  if (file === undefined || body === undefined) return new Response('not found', { status: 404 });
  return new Response(new Uint8Array(body), {
    headers: { ...securityHeaders(policyOf(path ?? '/')), 'Content-Type': contentType(file) ?? '' },
  });
}

/** Nothing is loaded, opened or granted but our own pages and the camera for them. */
function confine(): void {
  app.on('web-contents-created', (_created, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnAddress(event.url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
    const mediaTypes = 'mediaTypes' in details ? details.mediaTypes : undefined;
    decide(grants({ permission, from: details.requestingUrl, ...(mediaTypes ? { mediaTypes } : {}) }));
  });
  session.defaultSession.setPermissionCheckHandler((_contents, permission, from, details) => {
    return grants({ permission, from, mediaTypes: details.mediaType ? [details.mediaType] : [] });
  });
  // No request leaves for the network: what isn't ours is refused before it is made.
  session.defaultSession.webRequest.onBeforeRequest((details, decide) => {
    const local = isOwnAddress(details.url) || /^(blob|data|devtools):/.test(details.url);
    decide({ cancel: !local });
  });
}

const stateFile = () => join(app.getPath('userData'), 'window.json');

function keptState(): WindowState | undefined {
  try {
    return parseState(readFileSync(stateFile(), 'utf8'));
  } catch {
    return undefined;
  }
}

function keepState(window: BrowserWindow): void {
  const state: WindowState = { bounds: window.getNormalBounds(), maximized: window.isMaximized() };
  writeFileSync(stateFile(), JSON.stringify(state));
}

async function openWindow(): Promise<void> {
  const kept = keptState();
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const window = new BrowserWindow({
    ...openingBounds(
      kept,
      [primary, ...others].map(({ workArea }) => workArea),
    ),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    },
  });
  if (kept?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => keepState(window));
  await window.loadURL(HOME);
}

async function run(): Promise<void> {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  await app.whenReady();
  protocol.handle(SCHEME, (request) => answer(request.url));
  confine();
  const lab = createLabHost();
  ipcMain.on(LAB_REQUEST, (event) => {
    if (isOwnAddress(event.senderFrame?.url ?? '')) lab.connect(event.sender);
  });
  await openWindow();
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) void openWindow();
  });
}

app.on('window-all-closed', () => app.quit());
if (app.requestSingleInstanceLock()) void run();
else app.quit();
app.on('second-instance', () => {
  const [window] = BrowserWindow.getAllWindows();
  if (window?.isMinimized()) window.restore();
  window?.focus();
});
