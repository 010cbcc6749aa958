import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';

/** What the bundles are made of. */
const sources = ['electron', 'renderer', 'lab', 'sdk', 'electron.vite.config.ts', 'package-lock.json'];

/** Whether the bundles in `out/` are missing, or older than something they are made of. */
export async function isStale(root: string): Promise<boolean> {
  const built = await stat(join(root, 'out', 'renderer', 'index.html')).catch(() => undefined);
  if (built === undefined) return true;
  const newest = await Promise.all(sources.map((source) => newestChange(join(root, source))));
  return Math.max(...newest) > built.mtimeMs;
}

/** Milliseconds since 1970 of the last change in a file or folder; 0 where it is missing. */
async function newestChange(path: string): Promise<number> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  const names = await readdir(path);
  const inside = await Promise.all(names.map((name) => newestChange(join(path, name))));
  return Math.max(entry.mtimeMs, ...inside);
}

/** Builds the bundles: a few seconds. Throws `internal` with the builder's own words where it fails. */
export async function build(root: string): Promise<void> {
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const child = spawn(process.execPath, [builder, 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new HalftoneError('internal', `the interface could not be built:\n${said.trim()}`);
}
