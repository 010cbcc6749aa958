import { contextBridge, ipcRenderer } from 'electron';
import { LAB_GONE, LAB_PORT, LAB_REQUEST } from './messages.ts';

/**
 * The bridge between the page and the shell. A MessagePort can't cross the context bridge: it goes to the page as
 * a message of its own window.
 */
contextBridge.exposeInMainWorld('halftoneDesktop', {
  requestLab: () => ipcRenderer.send(LAB_REQUEST),
});

ipcRenderer.on(LAB_PORT, (event) => window.postMessage(LAB_PORT, '*', [...event.ports]));
ipcRenderer.on(LAB_GONE, () => window.postMessage(LAB_GONE, '*'));
