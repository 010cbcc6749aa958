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
  writeFileSync(stateFile(), JSON.stringify(state));
}

/** Opens the application's window where it was when it was last closed. */
export async function openWindow(): Promise<BrowserWindow> {
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
  return window;
}
