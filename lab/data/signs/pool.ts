import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { HalftoneError } from '@halftone/sdk/errors';
import type { DrawAnswer, DrawRequest, WorkerSetting } from './messages.ts';

/** Threads with nothing to do end after this long; the next request starts others. */
const patienceMs = 10_000;

/** A request that waits or is being drawn. */
interface Job {
  readonly request: DrawRequest;
  readonly resolve: (data: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Threads that draw, as many as there are cores at most, started when there is work for them. Each gets one
 * request at a time; requests go out in the order in which they came. Idle, they keep no process alive.
 */
export class DrawingPool {
  readonly #setting: WorkerSetting;
  readonly #most: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job>();
  #waiting: Job[] = [];
  #rest: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(setting: WorkerSetting, threads = availableParallelism()) {
    this.#setting = setting;
    this.#most = threads;
  }

  /** Throws `cancelled` where nothing is to be drawn any more. */
  throwIfEnded(signal?: AbortSignal): void {
    if (this.#closed) throw new HalftoneError('cancelled', 'the data set is closed');
    if (signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
  }

  /** Draws; rejects with `cancelled` (signal, `close`) or `internal` (the thread died). */
  async draw(request: DrawRequest, signal?: AbortSignal): Promise<Float32Array> {
    this.throwIfEnded(signal);
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
    const job: Job = { request, resolve, reject };
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
    for (const job of pending) job.reject(new HalftoneError('cancelled', 'the data set was closed'));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    clearTimeout(this.#rest);
    while (this.#waiting.length > 0 && (this.#idle.length > 0 || this.#busy.size < this.#most)) {
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
    // No execArgv: flags of the host (a test runner's loader, the inspector) are not meant for the worker.
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'halftone-signs',
      execArgv: [],
      workerData: this.#setting,
    });
    worker.on('message', (answer: DrawAnswer) => this.#answered(worker, answer));
    worker.on('error', (error) => this.#died(worker, error.message));
    worker.on('exit', (code) => this.#died(worker, `it ended with code ${code}`));
    return worker;
  }

  #answered(worker: Worker, answer: DrawAnswer): void {
    const job = this.#busy.get(worker);
    if (!job) return;
    this.#busy.delete(worker);
    this.#idle.push(worker);
    worker.unref();
    if (answer.ok) job.resolve(answer.data);
    else job.reject(new Error(`a sign could not be drawn: ${answer.message}`));
    this.#next();
  }

  #died(worker: Worker, reason: string): void {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    const idle = this.#idle.indexOf(worker);
    if (idle >= 0) this.#idle.splice(idle, 1);
    job?.reject(new HalftoneError('internal', `a thread that draws signs stopped: ${reason}; try again`));
    if (!this.#closed) this.#next();
  }
}
