import { BrowserWindow, dialog, type IpcMainInvokeEvent, ipcMain } from 'electron';
import { CHOOSE_PATH, OPEN_RUN_FILE, OPEN_RUN_FOLDER, PRINT_RUN_FILE, SAVE_RUN_FILE } from './channels.ts';
import { dialogs } from './choices.ts';
import type { Documents } from './documents.ts';
import { askedFile, choiceSchema, runSchema, type ShellAnswer, savingSchema } from './messages.ts';
import { isOwnAddress } from './navigation.ts';

type Work = (request: unknown, window: BrowserWindow) => Promise<ShellAnswer | undefined>;

/** Answers what pages ask of the shell: pages of ours alone, their requests parsed, errors as words. */
export function answerRequests(documents: Documents): void {
  answer(OPEN_RUN_FILE, async (request) => documents.open(askedFile(request)));
  answer(PRINT_RUN_FILE, async (request) => documents.print(askedFile(request)));
  answer(SAVE_RUN_FILE, async (request, window) => {
    const { name, ...file } = savingSchema.parse(request);
    return documents.save(askedFile(file), name, window);
  });
  answer(OPEN_RUN_FOLDER, async (request) => documents.openFolder(runSchema.parse(request).id));
  answer(CHOOSE_PATH, async (request, window) => {
    const { filePaths } = await dialog.showOpenDialog(window, dialogs[choiceSchema.parse(request)]);
    return filePaths[0] === undefined ? {} : { path: filePaths[0] };
  });
}

function answer(channel: string, work: Work): void {
  ipcMain.handle(channel, async (event, request: unknown): Promise<ShellAnswer> => {
    const window = askingWindow(event);
    if (window === undefined) return { error: 'only a page of Halftone may ask this' };
    try {
      return (await work(request, window)) ?? {};
    } catch (error) {
      return { error: (error as Error).message };
    }
  });
}

/** The window that asks; undefined for a frame within it and for what isn't ours. */
function askingWindow({ sender, senderFrame }: IpcMainInvokeEvent): BrowserWindow | undefined {
  const isOurs = senderFrame !== null && senderFrame.parent === null && isOwnAddress(senderFrame.url);
  return isOurs ? (BrowserWindow.fromWebContents(sender) ?? undefined) : undefined;
}
