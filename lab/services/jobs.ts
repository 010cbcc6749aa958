import { randomUUID } from 'node:crypto';
import { HalftoneError } from '@halftone/sdk/errors';
import type { Job, JobState, JobsApi, News, Topic } from '../api/contract/jobs.ts';

/** What a job is told while it works. */
export interface JobOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { what: string; done: number; total: number }) => void;
}

/** Work to be done as a job. */
export interface Task {
  readonly kind: string;
  readonly subject: string;
  readonly title: string;
  /** What it changes: news at its progress and at its end. */
  readonly topics?: readonly Topic[];
  /** What its progress counts; things without it. */
  readonly unit?: 'bytes';
  /** It waits for others rather than computes: it goes on beside the job that has the machine. */
  readonly aside?: boolean;
  readonly work: (options: JobOptions) => Promise<void>;
}

/** How long a watcher waits for news before it is told how things stand. */
const PATIENCE_MS = 20_000;
/** Progress is news at most this often. */
const PROGRESS_MS = 200;
/** What a job changes on its way is news at most this often: whoever follows it reads it anew each time. */
const TOPICS_MS = 1_500;

interface Entry {
  job: Job;
  readonly task: Task;
  readonly controller: AbortController;
  /** When the part that is under way began, and how far it was. */
  part: { readonly what: string; readonly at: number; readonly from: number };
  toldAt: number;
  topicsAt: number;
}

/** The lab's jobs and its news. Those that compute run one after the other, for each takes all of the machine. */
export class Jobs implements JobsApi {
  readonly #patience: number;
  readonly #entries = new Map<string, Entry>();
  readonly #topics: Record<Topic, number> = {};
  #version = 1;
  #queue = Promise.resolve();
  readonly #beside = new Set<Promise<void>>();
  #waiting: (() => void)[] = [];

  /** `patience`: milliseconds that a watcher waits for news. */
  constructor(patience = PATIENCE_MS) {
    this.#patience = patience;
  }

  /** Puts work in the queue. Throws `bad-argument` where a job is at work on the same subject. */
  start(task: Task): Job {
    const other = this.atWorkOn(task.subject);
    if (other !== undefined) {
      const text = `'${other.title}' is at work on it already; wait for it or cancel it`;
      throw new HalftoneError('bad-argument', text);
    }
    const { kind, subject, title, unit } = task;
    const started = new Date().toISOString();
    const counts = { done: 0, total: 0, ...(unit === undefined ? {} : { unit }) };
    const job: Job = { id: randomUUID(), kind, subject, title, state: 'queued', ...counts, started };
    const part = { what: '', at: 0, from: 0 };
    const entry: Entry = { job, task, controller: new AbortController(), part, toldAt: 0, topicsAt: 0 };
    // What ended on this subject before is history now.
    for (const [id, old] of this.#entries) if (old.task.subject === subject) this.#entries.delete(id);
    this.#entries.set(job.id, entry);
    if (task.aside) this.#runBeside(entry);
    else this.#queue = this.#queue.then(() => this.#run(entry));
    this.changed();
    return entry.job;
  }

  /** The job that is at work on a subject, or waits to. */
  atWorkOn(subject: string): Job | undefined {
    return [...this.#entries.values()].find((entry) => isAtWork(entry) && entry.task.subject === subject)
      ?.job;
  }

  /** Says that these changed, and that jobs did. */
  changed(...topics: Topic[]): void {
    this.#version += 1;
    for (const name of topics) this.#topics[name] = this.#version;
    const answered = this.#waiting;
    this.#waiting = [];
    for (const answer of answered) answer();
  }

  async watch({ since }: { since: number }): Promise<News> {
    if (this.#version <= since) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#patience);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    const jobs = [...this.#entries.values()].map(({ job }) => job);
    return { version: this.#version, jobs, topics: { ...this.#topics } };
  }

  async cancelJob({ id }: { id: string }): Promise<void> {
    this.#at(id).controller.abort(new HalftoneError('cancelled', 'cancelled'));
    const { job } = this.#at(id);
    // One that waits ends now; one at work when it notices.
    if (job.state === 'queued') this.#end(this.#at(id), 'cancelled');
  }

  async dismissJob({ id }: { id: string }): Promise<void> {
    if (isAtWork(this.#at(id))) {
      throw new HalftoneError('bad-argument', 'the job is at work; cancel it first');
    }
    this.#entries.delete(id);
    this.changed();
  }

  /** Cancels all and waits for them; every watcher is answered. */
  async close(): Promise<void> {
    for (const { controller } of this.#entries.values()) {
      controller.abort(new HalftoneError('cancelled', 'the lab closes'));
    }
    await Promise.all([this.#queue, ...this.#beside]);
    this.changed();
  }

  #at(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new HalftoneError('not-found', 'there is no such job any more');
    return entry;
  }

  #runBeside(entry: Entry): void {
    const running = this.#run(entry);
    this.#beside.add(running);
    void running.then(() => this.#beside.delete(running));
  }

  async #run(entry: Entry): Promise<void> {
    const { signal } = entry.controller;
    if (entry.job.state !== 'queued') return;
    try {
      signal.throwIfAborted();
      entry.job = { ...entry.job, state: 'running' };
      this.changed();
      await entry.task.work({ signal, onProgress: (progress) => this.#progress(entry, progress) });
      this.#end(entry, 'done');
    } catch (error) {
      if (signal.aborted) this.#end(entry, 'cancelled');
      else this.#end(entry, 'failed', wordsOf(error));
    }
  }

  #end(entry: Entry, state: JobState, error?: Job['error']): void {
    const { secondsLeft: _, ...job } = entry.job;
    const reason = error === undefined ? {} : { error };
    entry.job = { ...job, state, ended: new Date().toISOString(), ...reason };
    this.changed(...(entry.task.topics ?? []));
  }

  #progress(entry: Entry, { what, done, total }: { what: string; done: number; total: number }): void {
    const now = performance.now();
    if (what !== entry.part.what) entry.part = { what, at: now, from: done };
    const { secondsLeft: _, ...job } = entry.job;
    const left = secondsLeft(entry.part, { done, total }, now);
    entry.job = { ...job, what, done, total, ...(left === undefined ? {} : { secondsLeft: left }) };
    if (now - entry.toldAt < PROGRESS_MS && done < total) return;
    entry.toldAt = now;
    const due = now - entry.topicsAt >= TOPICS_MS;
    if (due) entry.topicsAt = now;
    this.changed(...(due ? (entry.task.topics ?? []) : []));
  }
}

function isAtWork({ job }: Entry): boolean {
  return job.state === 'queued' || job.state === 'running';
}

/** At the speed of the part under way so far; undefined where nothing can be said yet. */
function secondsLeft(
  part: { readonly at: number; readonly from: number },
  { done, total }: { readonly done: number; readonly total: number },
  now: number,
): number | undefined {
  const made = done - part.from;
  if (made <= 0 || done >= total) return undefined;
  return ((now - part.at) / 1000 / made) * (total - done);
}

function wordsOf(error: unknown): { code: string; message: string } {
  if (error instanceof HalftoneError) return { code: error.code, message: error.message };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
