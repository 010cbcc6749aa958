import { HalftoneError } from '@halftone/sdk/errors';
import { nextChange } from '../lab/registry/development.ts';
import { closeProcesses } from '../lab/registry/isolated/index.ts';

/**
 * Does the work, and again each time that something in the folder has changed, until the signal aborts. What goes
 * wrong is told on standard error and ends nothing, so that the next change can mend it. Throws `cancelled`.
 */
export async function againAndAgain(
  folder: string,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    // From before the work: a change meanwhile counts.
    const changed = nextChange(folder, signal);
    changed.catch(() => {});
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HalftoneError) || error.code === 'cancelled') throw error;
      process.stderr.write(`halftone: ${error.message}\n`);
    } finally {
      closeProcesses();
    }
    process.stderr.write(`waiting for changes in ${folder}\n`);
    await changed;
  }
}
