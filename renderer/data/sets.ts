import type { DataSetListed, Job, PublishedSet } from '../../lab/api.ts';
import { percent } from '../words.ts';

/** Where a data set stands, in a word or two. */
export function stateWords({ origin, here, published }: DataSetListed, job: Job | undefined): string {
  if (job?.state === 'running') {
    return job.total > 0 ? `fetching, ${percent(job.done / job.total)} of a file` : 'fetching';
  }
  if (origin === 'built-in') return here ? 'comes with Halftone' : 'missing';
  if (origin === 'plugin') return 'from a plugin';
  if (here) return 'here';
  return (published?.got ?? 0) > 0 ? 'begun' : 'to fetch';
}

/** What is left to fetch, in bytes; undefined where a file's size isn't known. */
export function bytesToFetch({ files, got }: PublishedSet): number | undefined {
  const sizes = files.map(({ bytes }) => bytes);
  if (sizes.includes(undefined)) return undefined;
  return Math.max(0, sizes.reduce<number>((sum, bytes) => sum + bytes!, 0) - got);
}

/** The hosts that would be asked, each once. */
export function hostsOf({ files }: PublishedSet): string[] {
  return [...new Set(files.map(({ url }) => new URL(url).host))];
}

/** A file's name in its address. */
export function fileOf(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? url;
}
