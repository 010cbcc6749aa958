import type { Line, OpenLine } from './line.ts';

/** What came of a request to the shell: nothing, a path, or what went wrong in words. */
export interface ShellAnswer {
  readonly path?: string;
  readonly error?: string;
}

/** What the desktop's preload script offers; absent in a browser. */
export interface DesktopBridge {
  /** Asks the shell for a port to the lab; it comes as a `message` event of the window. */
  requestLab(): void;
  openRunFile(file: { id: string; path: string }): Promise<ShellAnswer>;
  printRunFile(file: { id: string; path: string }): Promise<ShellAnswer>;
  saveRunFile(file: { id: string; path: string; name: string }): Promise<ShellAnswer>;
  openRunFolder(run: { id: string }): Promise<ShellAnswer>;
  choosePath(what: string): Promise<ShellAnswer>;
  /** Calls back with the id of every command of the menu. */
  onCommand(listener: (command: string) => void): void;
}

declare global {
  interface Window {
    readonly halftoneDesktop?: DesktopBridge;
  }
}

/** The desktop's shell; undefined in a browser. */
export function desktop(): DesktopBridge | undefined {
  return window.halftoneDesktop;
}

/** Names of the messages that the preload script hands to the page. */
const PORT_COMES = 'halftone:lab-port';
const LAB_GONE = 'halftone:lab-gone';

/** Opens lines to the lab process through the desktop shell. */
export function desktopLine(bridge: DesktopBridge): OpenLine {
  return async () => {
    const port = nextMessage(PORT_COMES);
    const gone = nextMessage(LAB_GONE).then(() => undefined);
    bridge.requestLab();
    const [labPort] = (await port).ports;
    if (labPort === undefined) throw new Error('the shell sent no port');
    return { channel: portChannel(labPort), gone } satisfies Line;
  };
}

function nextMessage(name: string): Promise<MessageEvent> {
  return new Promise((resolve) => {
    const listen = (event: MessageEvent) => {
      if (event.source !== window || event.data !== name) return;
      window.removeEventListener('message', listen);
      resolve(event);
    };
    window.addEventListener('message', listen);
  });
}

function portChannel(port: MessagePort): Line['channel'] {
  return {
    post: (message) => port.postMessage(message),
    on: (listener) => {
      port.addEventListener('message', ({ data }) => listener(data));
      port.start();
    },
  };
}
