import { spawn } from 'node:child_process';

/** The command that opens an address in the person's browser on this platform. */
export function openCommand(platform: NodeJS.Platform, url: string): [string, ...string[]] {
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}

/** Opens an address in the browser; nothing happens where there is none: the link has been printed. */
export function openBrowser(url: string): void {
  const [command, ...rest] = openCommand(process.platform, url);
  const child = spawn(command, rest, { detached: true, stdio: 'ignore' });
  child.once('error', () => undefined);
  child.unref();
}
