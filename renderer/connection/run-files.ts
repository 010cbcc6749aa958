import { type DesktopBridge, desktop } from './desktop.ts';
import { keptToken } from './token.ts';

/**
 * A run's files, opened by themselves, printed and saved: in windows of the desktop, or in tabs of the browser. A blob
 * made by the page would carry the page's policy, under which a report has no style; the hosts serve these files with
 * a policy of their own. All throw an `Error` with words for the person.
 */

/** Opens a report, a PDF, a picture or a table of a run in a window or tab of its own. Call it from a click or a key. */
export async function openRunFile(id: string, path: string): Promise<void> {
  const bridge = desktop();
  if (bridge !== undefined) return answered(bridge.openRunFile({ id, path }));
  // At once: after the wait the browser would take it for a pop-up that nobody asked for.
  const tab = window.open('', '_blank');
  if (tab === null) throw new Error('the browser blocked the new tab: allow pop-ups for this page');
  try {
    const link = await linkTo(id, path);
    tab.opener = null;
    tab.location.replace(link);
  } catch (error) {
    tab.close();
    throw error;
  }
}

/** Shows a run's folder in the system's file manager; false in a browser, which can't. */
export async function openRunFolder(id: string): Promise<boolean> {
  const bridge = desktop();
  if (bridge === undefined) return false;
  await answered(bridge.openRunFolder({ id }));
  return true;
}

/** Whether `printRunFile` shows the system's print dialog; a browser's tab has its own. */
export function canPrint(): boolean {
  return desktop() !== undefined;
}

/** Prints a PDF or a report at its true size: the system's dialog on the desktop, a tab to print from elsewhere. */
export async function printRunFile(id: string, path: string): Promise<void> {
  const bridge = desktop();
  if (bridge === undefined) return openRunFile(id, path);
  return answered(bridge.printRunFile({ id, path }));
}

/**
 * Saves a run's file where the person says, or among the browser's downloads. `name` is what it is called at first;
 * a name in `.pdf` for a report in `.html` makes a PDF of it, on the desktop.
 */
export async function saveRunFile(id: string, path: string, name = path.split('/').at(-1)!): Promise<void> {
  const bridge = desktop();
  if (bridge !== undefined) return answered(bridge.saveRunFile({ id, path, name }));
  const anchor = document.createElement('a');
  anchor.href = await linkTo(id, path);
  anchor.download = name;
  anchor.click();
}

async function answered(answer: ReturnType<DesktopBridge['openRunFile']>): Promise<void> {
  const { error } = await answer;
  if (error !== undefined) throw new Error(error);
}

/** The web host's link to this one file. */
async function linkTo(id: string, path: string): Promise<string> {
  const address = [id, ...path.split('/')].map(encodeURIComponent).join('/');
  const headers = { Authorization: `Bearer ${keptToken(window.sessionStorage) ?? ''}` };
  const answer = await fetch(`/run-links/${address}`, { headers }).catch(() => undefined);
  if (answer === undefined) throw new Error(`${path} can't be opened: the lab does not answer`);
  if (!answer.ok) throw new Error(`${path} can't be opened: ${(await answer.text()).trim()}`);
  return answer.text();
}
