import { z } from 'zod';
import type { Job } from './jobs.ts';
import { nothing } from './shared.ts';

const set = z.strictObject({ name: z.string().min(1).max(200) });

/** The data sets that the lab knows by name. */
export const dataRequests = {
  listDataSets: nothing,
  fetchData: set,
  removeData: set,
  restoreData: set,
} as const;

/** A data set, here or to be had. */
export interface DataSetListed {
  readonly name: string;
  readonly summary: string;
  /** It comes with Halftone, its authors publish its files, or a plugin brings it. */
  readonly origin: 'built-in' | 'published' | 'plugin';
  /** It can be used. */
  readonly here: boolean;
  /** Where the files of a published one lie, or would. */
  readonly folder?: string;
  /** Bytes that they take up, where they are here. */
  readonly size?: number;
  /** Of a published one. */
  readonly published?: PublishedSet;
}

/** Where a data set can be had. */
export interface PublishedSet {
  /** The page of its authors. */
  readonly home: string;
  /** What would be fetched: nothing else is asked for, and no other host. */
  readonly files: readonly { readonly url: string; readonly md5: string; readonly bytes?: number }[];
  /** Bytes that an interrupted fetch has left: the next goes on from there. */
  readonly got: number;
}

export interface DataApi {
  listDataSets(): Promise<DataSetListed[]>;
  /**
   * Fetches a published set's files, checks them and puts them on the lab's shelf: a job on `data:<name>`, which what
   * computes need not wait for. Throws `not-found`, and `bad-argument` for a set that is here or isn't published.
   */
  fetchData(request: { name: string }): Promise<Job>;
  /** Puts a fetched set away; `restoreData` brings it back. Throws `bad-argument` for one that wasn't fetched. */
  removeData(request: { name: string }): Promise<void>;
  restoreData(request: { name: string }): Promise<void>;
}
