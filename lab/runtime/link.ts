import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { HalftoneError } from '@halftone/sdk/errors';
import type { Answers, WorkerAnswer, WorkerRequest } from './messages.ts';

/** One request that waits or runs. */
interface Job {
  readonly request: WorkerRequest;
  readonly transfer: readonly ArrayBuffer[];
  readonly resolve: (value: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}

/** A failure that the worker reported about the request itself; the worker is well. */
export class RequestFailure extends Error {}

/**
 * The runtime's end of its worker: a queue from which the worker gets one request at a time, so that what is
 * cancelled before its turn never reaches it. A worker that dies takes its sessions along; the next request
 * starts another. While nothing is pending the worker keeps no process alive.
 */
export class WorkerLink {
  #worker: Worker | undefined;
  #generation = 0;
  #queue: Job[] = [];
  #running: Job | undefined;
  #number = 0;
  #closed = false;
  readonly #script: URL;
  readonly #patienceMs: number;

  /**
   * @param script what the worker runs; other than the default in tests only.
   * @param patienceMs how long `close` waits for the run in progress.
   */
  constructor(script: URL = new URL('./worker.ts', import.meta.url), patienceMs = 120_000) {
    this.#script = script;
    this.#patienceMs = patienceMs;
  }

  /** Counts the workers so far: a session belongs to the one that was current when it was loaded. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Sends a request. Rejects with `RequestFailure` when the worker answers with an error, and with
   * `HalftoneError` `cancelled` (signal, `close`) or `internal` (the worker died).
   * @param transfer buffers of the request that move instead of being copied.
   */
  request<R extends WorkerRequest>(
    request: R,
    transfer: readonly ArrayBuffer[] = [],
    signal?: AbortSignal,
  ): Promise<Answers[R['kind']]> {
    if (this.#closed) return Promise.reject(new HalftoneError('cancelled', 'the runtime is closed'));
    if (signal?.aborted) return Promise.reject(cancelled());
    const { promise, resolve, reject } = Promise.withResolvers<Answers[keyof Answers]>();
    const job: Job = { request, transfer, resolve, reject };
    const abort = (): void => {
      this.#queue = this.#queue.filter((waiting) => waiting !== job);
      reject(cancelled());
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#queue.push(job);
    this.#next();
    const done = (): void => signal?.removeEventListener('abort', abort);
    promise.then(done, done);
    return promise as Promise<Answers[R['kind']]>;
  }

  /** Ends the worker once the run in progress is over; everything pending rejects now. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    const busy = this.#running !== undefined;
    this.#drop(new HalftoneError('cancelled', 'the runtime was closed'));
    // A worker that is ended within native code takes the whole process along.
    if (worker && busy) {
      const waited = setTimeout(this.#patienceMs, undefined, { ref: false });
      await Promise.race([once(worker, 'message'), once(worker, 'exit'), waited]).catch(() => undefined);
    }
    await worker?.terminate();
  }

  #next(): void {
    if (this.#running) return;
    const job = this.#queue.shift();
    if (!job) {
      this.#worker?.unref();
      return;
    }
    this.#running = job;
    this.#number += 1;
    const worker = this.#live();
    worker.ref();
    try {
      worker.postMessage({ number: this.#number, request: job.request }, job.transfer);
    } catch (error) {
      this.#running = undefined;
      job.reject(error instanceof Error ? error : new Error(String(error)));
      this.#next();
    }
  }

  #live(): Worker {
    if (this.#worker) return this.#worker;
    // No execArgv: flags of the host (a test runner's loader, the inspector) are not meant for the worker.
    const worker = new Worker(this.#script, { name: 'halftone-runtime', execArgv: [] });
    this.#generation += 1;
    worker.on('message', (answer: WorkerAnswer) => this.#answered(worker, answer));
    worker.on('error', (error) => this.#died(worker, error.message));
    worker.on('exit', (code) => this.#died(worker, `it ended with code ${code}`));
    this.#worker = worker;
    return worker;
  }

  #answered(worker: Worker, answer: WorkerAnswer): void {
    const job = this.#running;
    if (worker !== this.#worker || !job || answer.number !== this.#number) return;
    this.#running = undefined;
    if (answer.ok) job.resolve(answer.value);
    else job.reject(new RequestFailure(answer.message));
    this.#next();
  }

  #died(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return;
    this.#drop(
      new HalftoneError(
        'internal',
        `the worker that runs models stopped: ${reason}; open the model again, with a smaller batch`,
      ),
    );
  }

  #drop(error: HalftoneError): void {
    const pending = this.#running ? [this.#running, ...this.#queue] : this.#queue;
    this.#worker = undefined;
    this.#running = undefined;
    this.#queue = [];
    // A later worker is another one: sessions of this generation are gone even before it starts.
    this.#generation += 1;
    for (const job of pending) job.reject(error);
  }
}

function cancelled(): HalftoneError {
  return new HalftoneError('cancelled', 'cancelled');
}
