import type { Command } from 'commander';
import { wholeNumber } from '../options.ts';

interface Options {
  readonly web?: true;
  readonly port?: number;
  readonly data?: string;
  readonly open: boolean;
}

/** `halftone start`: opens the lab, and stays until it is closed or interrupted. */
export function addStart(program: Command, signal: AbortSignal): void {
  program
    .command('start')
    .summary('open the lab')
    .description('Opens the lab in its own window, or in the browser where the desktop is not installed.')
    .option('--web', 'in the browser, even where the desktop could run')
    .option('--port <n>', 'port of the web host (default: a free one)', wholeNumber(0, 65_535))
    .option('--data <folder>', "the lab's folder")
    .option('--no-open', 'print the link, open nothing')
    .addHelpText('after', '\nExample:\n  halftone start --web --port 8800')
    .action(async ({ data, ...options }: Options) => {
      const { start } = await import('../../server/start.ts');
      const started = await start({ ...options, ...(data === undefined ? {} : { dataDir: data }) });
      if (started.kind === 'web') await aborted(signal);
      await started.close();
    });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
