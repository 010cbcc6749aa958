import { app, type BrowserWindow, dialog } from 'electron';
import type { Job } from '../lab/api.ts';
import { createLife } from './lab-life.ts';
import { leavingQuestion } from './leaving.ts';
import { openWindow } from './window.ts';

/** The application's window: there is one, and the application ends with it. */
export interface MainWindow {
  /** Opens it, or brings it to the front. */
  show(): Promise<void>;
  /** Sends a command of the menu to its page. */
  send(channel: string, command: string): void;
}

export function createMainWindow(jobs: () => readonly Job[]): MainWindow {
  let current: BrowserWindow | undefined;
  return {
    async show() {
      if (current === undefined) {
        await openWindow((window) => {
          current = window;
          askBeforeLeaving(window, jobs);
          recover(window);
          // Reports that are open in windows of their own go with it.
          window.on('closed', () => {
            current = undefined;
            app.quit();
          });
        });
        return;
      }
      if (current.isMinimized()) current.restore();
      current.focus();
    },
    send(channel, command) {
      current?.webContents.send(channel, command);
    },
  };
}

/** Work that would be broken off is asked about, wherever the window is closed from. */
function askBeforeLeaving(window: BrowserWindow, jobs: () => readonly Job[]): void {
  window.on('close', (event) => {
    const question = leavingQuestion(jobs());
    if (question === undefined) return;
    const choice = dialog.showMessageBoxSync(window, {
      type: 'question',
      title: 'Halftone',
      ...question,
      buttons: ['Quit', 'Keep working'],
      defaultId: 1,
      cancelId: 1,
    });
    if (choice !== 0) event.preventDefault();
  });
}

/** A page whose process ended is loaded again: the work is the lab's, and goes on. */
function recover(window: BrowserWindow): void {
  const life = createLife();
  window.webContents.on('render-process-gone', (_gone, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    if (life.mayRestart(Date.now())) {
      window.reload();
      return;
    }
    const choice = dialog.showMessageBoxSync(window, {
      type: 'error',
      title: 'Halftone',
      message: 'The window’s page ended several times within a minute.',
      detail: `The reason given is ‘${reason}’. Work in the lab goes on without it.`,
      buttons: ['Load it again', 'Quit'],
      defaultId: 0,
      cancelId: 1,
    });
    if (choice === 0) window.reload();
    else app.quit();
  });
}
