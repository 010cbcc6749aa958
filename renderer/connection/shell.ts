import { desktop } from './desktop.ts';

/** What the desktop's shell does beside serving the lab. In a browser nothing of it is there. */

/** What a person may be asked to choose from the disk. */
export type Choice = 'images' | 'plugin-folder' | 'plugin-archive' | 'run-folder' | 'run-archive' | 'model';

/** Whether the person can be asked for a path by the system's dialog; in a browser it is typed. */
export function canChoosePath(): boolean {
  return desktop() !== undefined;
}

/** The path that the person chose in the system's dialog; undefined where they chose none, and in a browser. */
export async function choosePath(what: Choice): Promise<string | undefined> {
  const answer = await desktop()?.choosePath(what);
  if (answer?.error !== undefined) throw new Error(answer.error);
  return answer?.path;
}

/** Calls back with the id of each command that the person takes from the shell's menu. Nothing in a browser. */
export function onMenuCommand(call: (command: string) => void): void {
  desktop()?.onCommand(call);
}
