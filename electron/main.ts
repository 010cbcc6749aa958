import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, Menu, protocol, session } from 'electron';
import { answerOwn } from './app-files.ts';
import { COMMAND, LAB_REQUEST } from './channels.ts';
import { confine } from './confine.ts';
import { createDocuments } from './documents.ts';
import { createLabHost } from './lab-host.ts';
import { menuTemplate } from './menu.ts';
import { isOwnAddress, SCHEME } from './navigation.ts';
import { answerRequests } from './requests.ts';
import { openWindow } from './window.ts';

const rendererFiles = join(import.meta.dirname, '..', 'renderer');

/** Sends a command of the menu to the window that is in front. */
function sendCommand(command: string): void {
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
  if (window && isOwnAddress(window.webContents.getURL())) window.webContents.send(COMMAND, command);
}

async function run(): Promise<void> {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  await app.whenReady();
  session.defaultSession.protocol.handle(SCHEME, (request) => answerOwn(request.url, rendererFiles));
  confine();
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate({ platform: process.platform, send: sendCommand })),
  );
  const lab = createLabHost();
  ipcMain.on(LAB_REQUEST, (event) => {
    if (isOwnAddress(event.senderFrame?.url ?? '')) lab.connect(event.sender);
  });
  answerRequests(createDocuments(() => lab.api()));
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
