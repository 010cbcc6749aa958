import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { HalftoneError } from '@halftone/sdk/errors';
import type { ThreadAnswer } from './serve.ts';

/** Threads with nothing to do end after this long; the next request starts others. */
const patienceMs = 10_000;

/** What a pool's threads run, and what they are called. */
export interface ThreadScript {
  /** A module that calls `serveThread`. */
  readonly script: URL;
  readonly name: string;
  /** What one is, in errors: 'a thread that draws signs'. */
  readonly words: string;
  /** What all of them are given. */
  readonly data?: unknown;
}

/** A request that waits or is at work. */
interface Job<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Threads that answer requests, as many as there are cores at most, started when there is work for them. Each gets one
 * request at a time; requests go out in the order in which they came. Idle, they keep no process alive.
 */
export class ThreadPool<Request, Answer> {
  /** How many there may be. */
  readonly size: number;
  readonly #script: ThreadScript;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job<Request, Answer>>();
  #waiting: Job<Request, Answer>[] = [];
  #rest: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(script: ThreadScript, size = availableParallelism()) {
    this.#script = script;
    this.size = size;
  }

  /** Throws `cancelled` where nothing is to be asked any more. */
  throwIfEnded(signal?: AbortSignal): void {
    if (this.#closed) throw new HalftoneError('cancelled', `${this.#script.words}: closed`);
    if (signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
  }

  /**
   * Asks a thread. Rejects with what the thread threw, `cancelled` (signal, `close`; a thread at work ends what it is
   * at and is heard by nobody) or `internal` (it died; the others go on).
   */
  async ask(request: Request, signal?: AbortSignal): Promise<Answer> {
    this.throwIfEnded(signal);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const job = { request, resolve, reject };
    const abort = (): void => {
      this.#waiting = this.#waiting.filter((other) => other !== job);
      reject(new HalftoneError('cancelled', 'cancelled'));
    };
    signal?.addEventListener('abort', abort, { once: true });
    const done = (): void => signal?.removeEventListener('abort', abort);
    promise.then(done, done);
    this.#waiting.push(job);
    this.#next();
    return promise;
  }

  /** Ends all threads; whatever is under way rejects with `cancelled`. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#rest);
    const pending = [...this.#busy.values(), ...this.#waiting];
    const workers = [...this.#busy.keys(), ...this.#idle];
    this.#busy.clear();
    this.#waiting = [];
    this.#idle.length = 0;
    for (const job of pending) job.reject(new HalftoneError('cancelled', `${this.#script.words}: closed`));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    clearTimeout(this.#rest);
    while (this.#waiting.length > 0 && (this.#idle.length > 0 || this.#busy.size < this.size)) {
      const job = this.#waiting.shift()!;
      const worker = this.#idle.pop() ?? this.#start();
      this.#busy.set(worker, job);
      worker.ref();
      worker.postMessage(job.request);
    }
    if (this.#busy.size > 0) return;
    this.#rest = setTimeout(() => {
      for (const worker of this.#idle.splice(0)) void worker.terminate();
    }, patienceMs).unref();
  }

  #start(): Worker {
    const { script, name, data } = this.#script;
    // No execArgv: flags of the host (a test runner's loader, the inspector) are not meant for the worker.
    const worker = new Worker(script, { name, execArgv: [], workerData: data });
    worker.on('message', (answer: ThreadAnswer<Answer>) => this.#answered(worker, answer));
    worker.on('error', (error: unknown) =>
      this.#died(worker, error instanceof Error ? error.message : String(error)),
    );
    worker.on('exit', (code) => this.#died(worker, `it ended with code ${code}`));
    return worker;
  }

  #answered(worker: Worker, answer: ThreadAnswer<Answer>): void {
    const job = this.#busy.get(worker);
    if (!job) return;
    this.#busy.delete(worker);
    this.#idle.push(worker);
    worker.unref();
    if (answer.ok) job.resolve(answer.value);
    else job.reject(new HalftoneError(answer.code, answer.message));
    this.#next();
  }

  #died(worker: Worker, reason: string): void {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    const idle = this.#idle.indexOf(worker);
    if (idle >= 0) this.#idle.splice(idle, 1);
    const text = `${this.#script.words} stopped: ${reason}; try again`;
    job?.reject(new HalftoneError('internal', text));
    if (!this.#closed) this.#next();
  }
}
