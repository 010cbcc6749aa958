import { join } from 'node:path';
import {
  app,
  dialog,
  MessageChannelMain,
  type UtilityProcess,
  utilityProcess,
  type WebContents,
} from 'electron';
import { connectLab, type LabApi } from '../lab/api.ts';
import { defaultDataDir } from '../lab/host/data-dir.ts';
import { LAB_GONE, LAB_PORT } from './channels.ts';
import { createLife } from './lab-life.ts';
import { labRoot } from './places.ts';
import { portChannel } from './port-channel.ts';

/** The lab's process, as the shell has it. */
export interface LabHost {
  /** Hands a page a port to the lab. */
  connect(page: WebContents): void;
  /** The lab for the shell's own use. */
  api(): LabApi;
}

/** Starts the lab's process when it is first needed; starts it again when it ended by itself. */
export function createLabHost(): LabHost {
  const pages = new Set<WebContents>();
  const life = createLife();
  let lab: UtilityProcess | undefined;
  let client: ReturnType<typeof connectLab> | undefined;

  function running(): UtilityProcess {
    if (lab !== undefined) return lab;
    // From source, as the command line runs it: Electron's Node strips types.
    const root = labRoot(app.getAppPath());
    const file = join(root, 'electron', 'lab-process.ts');
    const started = utilityProcess.fork(file, [defaultDataDir(), root], { serviceName: 'Halftone lab' });
    started.once('exit', (code) => ended(code));
    lab = started;
    return started;
  }

  function ended(code: number): void {
    lab = undefined;
    client?.close();
    client = undefined;
    if (!life.mayRestart(Date.now()) && !personWantsMore(code)) {
      app.quit();
      return;
    }
    // Each page asks for a new port; the first to ask starts the process. Its work can be gone on with: runs are
    // on the disk.
    for (const page of pages) if (!page.isDestroyed()) page.send(LAB_GONE);
  }

  function newPort(): Electron.MessagePortMain {
    const { port1, port2 } = new MessageChannelMain();
    running().postMessage(null, [port1]);
    return port2;
  }

  return {
    connect(page) {
      if (!pages.has(page)) page.once('destroyed', () => pages.delete(page));
      pages.add(page);
      page.postMessage(LAB_PORT, null, [newPort()]);
    },
    api() {
      if (client === undefined) {
        const port = newPort();
        client = connectLab(portChannel(port));
        port.start();
      }
      return client.lab;
    },
  };
}

function personWantsMore(code: number): boolean {
  const choice = dialog.showMessageBoxSync({
    type: 'error',
    title: 'Halftone',
    message: 'The lab ended several times within a minute.',
    detail: `Its process ended with code ${code}. What was done is kept; runs can be gone on with.`,
    buttons: ['Start it again', 'Quit'],
    defaultId: 0,
    cancelId: 1,
  });
  return choice === 0;
}
