import { HalftoneError } from '@halftone/sdk/errors';
import { CommanderError } from 'commander';

/** Exit codes: 0 done, 1 a defect of ours, 2 something the user can mend, 130 cancelled. */
const EXIT = { defect: 1, refused: 2, cancelled: 130 } as const;

/**
 * Runs the command line to its end: errors become one line on standard error and an exit code, an interrupt
 * becomes an abort. `work` gets the signal that an interrupt aborts.
 */
export async function runToExit(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const abort = new AbortController();
  let interruptedMs = 0;
  const interrupt = () => {
    // A terminal and the launcher both pass one Ctrl-C on: only a later one means impatience.
    if (abort.signal.aborted && Date.now() - interruptedMs > 500) process.exit(EXIT.cancelled);
    if (abort.signal.aborted) return;
    interruptedMs = Date.now();
    abort.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : EXIT.defect);
  });
  try {
    await work(abort.signal);
  } catch (error) {
    const { code, line } = verdict(error);
    if (line !== '') process.stderr.write(`halftone: ${line}\n`);
    // Not a natural end: a run in a worker can't be stopped, and nobody waits for it any more.
    process.exit(code);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function verdict(error: unknown): { code: number; line: string } {
  if (error instanceof CommanderError) {
    // Help and version come as errors of code 0, and have printed themselves.
    if (error.exitCode === 0 || error.code === 'commander.help')
      return { code: error.exitCode === 0 ? 0 : EXIT.refused, line: '' };
    return { code: EXIT.refused, line: oneLine(error.message.replace(/^error: /, '')) };
  }
  if (error instanceof HalftoneError) {
    if (error.code === 'cancelled') return { code: EXIT.cancelled, line: 'cancelled' };
    return { code: EXIT.refused, line: oneLine(error.message) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: EXIT.defect, line: `a defect of Halftone, please report it: ${text}` };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
