import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the choice depends on; tests hand in their own. */
interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * Where a lab keeps its data when nobody says: `HALFTONE_DATA`, or the platform's own place for it.
 * Desktop, web and command line all take this one, so that they see the same models and runs.
 */
export function defaultDataDir(
  { platform, env, home }: Surroundings = { platform: process.platform, env: process.env, home: homedir() },
): string {
  if (env.HALFTONE_DATA) return env.HALFTONE_DATA;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Halftone');
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Halftone');
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'halftone');
}
