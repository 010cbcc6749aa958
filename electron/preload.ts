import { contextBridge, ipcRenderer } from 'electron';
import {
  CHOOSE_PATH,
  COMMAND,
  LAB_GONE,
  LAB_PORT,
  LAB_REQUEST,
  OPEN_RUN_FILE,
  OPEN_RUN_FOLDER,
  PRINT_RUN_FILE,
  SAVE_RUN_FILE,
} from './channels.ts';

/**
 * The bridge between the page and the shell: these calls and no others, whose arguments the main process checks. A
 * MessagePort can't cross the context bridge: it goes to the page as a message of its own window.
 */
contextBridge.exposeInMainWorld('halftoneDesktop', {
  requestLab: () => ipcRenderer.send(LAB_REQUEST),
  openRunFile: (file: unknown) => ipcRenderer.invoke(OPEN_RUN_FILE, file),
  printRunFile: (file: unknown) => ipcRenderer.invoke(PRINT_RUN_FILE, file),
  saveRunFile: (file: unknown) => ipcRenderer.invoke(SAVE_RUN_FILE, file),
  openRunFolder: (run: unknown) => ipcRenderer.invoke(OPEN_RUN_FOLDER, run),
  choosePath: (what: unknown) => ipcRenderer.invoke(CHOOSE_PATH, what),
  onCommand: (listener: (command: string) => void) => {
    ipcRenderer.on(COMMAND, (_event, command: string) => listener(command));
  },
});

ipcRenderer.on(LAB_PORT, (event) => window.postMessage(LAB_PORT, '*', [...event.ports]));
ipcRenderer.on(LAB_GONE, () => window.postMessage(LAB_GONE, '*'));
