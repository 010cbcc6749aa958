import { z } from 'zod';
import { named } from './shared.ts';

/** Long work, and news of everything that changes. */
export const jobRequests = {
  watch: z.strictObject({
    /** The last version seen; 0 at first. */
    since: z.int().min(0),
  }),
  cancelJob: named,
  dismissJob: named,
} as const;

export type WatchRequest = z.input<typeof jobRequests.watch>;
export type NamedRequest = z.input<typeof named>;

/** `queued`: one job computes at a time. */
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** Long work that was begun: it goes on whether anybody watches or not. */
export interface Job {
  readonly id: string;
  /** What kind of work, such as `run`, `transfer`, `defend`. */
  readonly kind: string;
  /** What it works on: the id of a run or of a comparison. */
  readonly subject: string;
  /** For people. */
  readonly title: string;
  readonly state: JobState;
  /** What is under way, in words. */
  readonly what?: string;
  /** Of what is under way; 0 of 0 where that can't be said. */
  readonly done: number;
  readonly total: number;
  /** What is counted; things without it. */
  readonly unit?: 'bytes';
  /** ISO 8601. */
  readonly started: string;
  readonly ended?: string;
  /** Of what is under way, at its speed so far. */
  readonly secondsLeft?: number;
  /** Why it failed. */
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * What changes, by name: `runs` (which there are), `run:<id>` (one of them), `models`, `plugins`, `data`,
 * `comparisons`, `cameras`.
 */
export type Topic = string;

/** The lab's state of affairs. */
export interface News {
  /** Ask for news since this next time. */
  readonly version: number;
  /** Those at work and those that ended and weren't dismissed, the oldest first. */
  readonly jobs: readonly Job[];
  /** The version at which each topic last changed. A topic that isn't here never did. */
  readonly topics: Readonly<Record<Topic, number>>;
}

export interface JobsApi {
  /** Waits for anything newer than `since`, for at most some seconds; then says how things stand. */
  watch(request: WatchRequest): Promise<News>;
  /** Asks a job to stop. What it has done is kept. Throws `not-found`. */
  cancelJob(request: NamedRequest): Promise<void>;
  /** Takes an ended job off the list. */
  dismissJob(request: NamedRequest): Promise<void>;
}
