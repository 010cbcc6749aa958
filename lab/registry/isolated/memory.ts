import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Memory that a process occupies, in MiB; undefined where the system doesn't tell (Windows) or it is gone. */
export async function occupiedMiB(pid: number): Promise<number | undefined> {
  try {
    if (process.platform === 'linux') {
      const resident = /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
      return resident === null ? undefined : Number(resident[1]) / 1024;
    }
    if (process.platform === 'win32') return undefined;
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout) / 1024;
  } catch {
    return undefined;
  }
}
