import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, screen } from 'electron';
import { HOME } from './navigation.ts';
import { openingBounds, parseState, SMALLEST, type WindowState } from './window-state.ts';

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
  try {
    writeFileSync(stateFile(), JSON.stringify(state));
  } catch {
    // A disk that can't be written must not hold the window open; it opens as at first the next time.
  }
}

/** Opens the application's window where it was when it was last closed. `prepare` gets it before its page is loaded. */
export async function openWindow(prepare: (window: BrowserWindow) => void): Promise<void> {
  const kept = keptState();
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const bounds = openingBounds(
    kept,
    [primary, ...others].map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...bounds,
    // No larger than a small screen has room for.
    minWidth: Math.min(SMALLEST.width, bounds.width),
    minHeight: Math.min(SMALLEST.height, bounds.height),
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
  prepare(window);
  await window.loadURL(HOME);
}
