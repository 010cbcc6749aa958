import { join } from 'node:path';
import {
  app,
  dialog,
  MessageChannelMain,
  type UtilityProcess,
  utilityProcess,
  type WebContents,
} from 'electron';
import { defaultDataDir } from '../lab/host/data-dir.ts';
import { createLife } from './lab-life.ts';
import { LAB_GONE, LAB_PORT } from './messages.ts';

/** Starts the lab's process and hands pages a port to it; starts it again when it ended by itself. */
export function createLabHost(): { connect(page: WebContents): void } {
  const pages = new Set<WebContents>();
  const life = createLife();
  let lab: UtilityProcess | undefined;

  function running(): UtilityProcess {
    if (lab !== undefined) return lab;
    const file = join(import.meta.dirname, 'lab.js');
    const started = utilityProcess.fork(file, [defaultDataDir(), app.getAppPath()], {
      serviceName: 'Halftone lab',
    });
    started.once('exit', (code) => ended(code));
    lab = started;
    return started;
  }

  function ended(code: number): void {
    lab = undefined;
    if (!life.mayRestart(Date.now())) {
      dialog.showErrorBox(
        'The lab ended',
        `It ended several times within a minute (code ${code}). Start Halftone again.`,
      );
      app.quit();
      return;
    }
    // Each page asks for a new port; the first to ask starts the process.
    for (const page of pages) if (!page.isDestroyed()) page.send(LAB_GONE);
  }

  return {
    connect(page) {
      if (!pages.has(page)) page.once('destroyed', () => pages.delete(page));
      pages.add(page);
      const { port1, port2 } = new MessageChannelMain();
      running().postMessage(null, [port1]);
      page.postMessage(LAB_PORT, null, [port2]);
    },
  };
}
