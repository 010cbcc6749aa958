import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Names under which systems install a Chromium. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium on this machine: `CHROMIUM`, or the first on the PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Which camera the browser has: none, Chromium's own moving test picture, or a `.y4m` file's frames, over and over.
 * Either comes without its question; a context without the `camera` permission is still refused it.
 */
export type FakeCamera = 'none' | 'pattern' | { readonly file: string };

/** Starts it without a window and keeps it off the network. */
export function launchChromium(executablePath: string, camera: FakeCamera = 'none'): Promise<Browser> {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ];
  // Chromium's sandbox refuses to run as root, as containers do.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...quiet, ...sandbox, ...cameraFlags(camera)] });
}

function cameraFlags(camera: FakeCamera): string[] {
  if (camera === 'none') return [];
  const file = camera === 'pattern' ? [] : [`--use-file-for-fake-video-capture=${camera.file}`];
  return ['--use-fake-device-for-media-stream', ...file];
}
