import { type MessagePort, parentPort } from 'node:worker_threads';
import { type ErrorCode, HalftoneError } from '@halftone/sdk/errors';

/** What a thread answers a request with. */
export type ThreadAnswer<Answer> =
  | { readonly ok: true; readonly value: Answer }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** An answer, and those of its buffers that move to the other thread instead of being copied. */
export interface Outcome<Answer> {
  readonly value: Answer;
  readonly transfer?: readonly ArrayBuffer[];
}

/**
 * Makes the calling script one of a pool's threads: requests are answered one after the other. A `HalftoneError` goes
 * to who asked; anything else ends the thread, for nobody knows what state it is left in (WebAssembly that ran out of
 * memory does nothing any more).
 */
export function serveThread<Request, Answer>(work: (request: Request) => Promise<Outcome<Answer>>): void {
  const port = parentPort;
  if (port === null) throw new Error('runs as a worker thread');
  port.on('message', (request: Request) => void answer(port, request, work));
}

async function answer<Request, Answer>(
  port: MessagePort,
  request: Request,
  work: (request: Request) => Promise<Outcome<Answer>>,
): Promise<void> {
  const say = (said: ThreadAnswer<Answer>, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(said, transfer);
  try {
    const { value, transfer } = await work(request);
    say({ ok: true, value }, transfer);
  } catch (error) {
    if (!(error instanceof HalftoneError)) throw error;
    say({ ok: false, code: error.code, message: error.message });
  }
}
