import { join } from 'node:path';
import { app, ipcMain, Menu, protocol, session } from 'electron';
import { answerOwn } from './app-files.ts';
import { COMMAND, LAB_REQUEST } from './channels.ts';
import { confine } from './confine.ts';
import { createDocuments } from './documents.ts';
import { createLabHost } from './lab-host.ts';
import { followJobs } from './leaving.ts';
import { createMainWindow } from './main-window.ts';
import { menuTemplate } from './menu.ts';
import { isOwnAddress, SCHEME } from './navigation.ts';
import { answerRequests } from './requests.ts';

const rendererFiles = join(import.meta.dirname, '..', 'renderer');

async function run(): Promise<void> {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  await app.whenReady();
  session.defaultSession.protocol.handle(SCHEME, (request) => answerOwn(request.url, rendererFiles));
  confine();
  const lab = createLabHost();
  const main = createMainWindow(followJobs(() => lab.api()));
  const send = (command: string) => main.send(COMMAND, command);
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ platform: process.platform, send })));
  ipcMain.on(LAB_REQUEST, ({ sender, senderFrame }) => {
    if (senderFrame?.parent === null && isOwnAddress(senderFrame.url)) lab.connect(sender);
  });
  answerRequests(createDocuments(() => lab.api()));
  app.on('activate', () => void main.show());
  app.on('second-instance', () => void main.show());
  await main.show();
}

app.on('window-all-closed', () => app.quit());
if (app.requestSingleInstanceLock()) void run();
else app.quit();
