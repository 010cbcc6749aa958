import type { Pixels } from './difference.ts';

/** What the worker is sent, and what it answers: pixels, or why there are none. */
export interface ToDecode {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
export interface Decoded {
  readonly id: number;
  readonly pixels?: Pixels;
  readonly error?: string;
}

type Waiting = PromiseWithResolvers<Pixels>;

let worker: Worker | undefined;
const waiting = new Map<number, Waiting>();
let last = 0;

/**
 * Pixels of an encoded picture, untouched: neither colours nor transparency are converted. Decoded by a worker of
 * its own, so that a page that scrolls isn't held up. Throws on what is no picture.
 */
export function decodePicture(bytes: Uint8Array): Promise<Pixels> {
  worker ??= startWorker();
  const id = ++last;
  const answer = Promise.withResolvers<Pixels>();
  waiting.set(id, answer);
  // A copy on a buffer of its own: what came over the line is a view on its message.
  const copy = bytes.slice();
  worker.postMessage({ id, bytes: copy } satisfies ToDecode, [copy.buffer]);
  return answer.promise;
}

function startWorker(): Worker {
  const started = new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data: { id, pixels, error } }: MessageEvent<Decoded>) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (pixels !== undefined) answer?.resolve(pixels);
    else answer?.reject(new Error(error));
  });
  started.addEventListener('error', ({ message }) => {
    // The next picture starts another.
    if (worker === started) worker = undefined;
    started.terminate();
    const lost = [...waiting.values()];
    waiting.clear();
    for (const each of lost) each.reject(new Error(`pictures can’t be decoded: ${message}`));
  });
  return started;
}
