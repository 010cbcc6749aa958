import { HalftoneError } from '@halftone/sdk/errors';
import { expect, test } from 'vitest';
import { type JobOptions, Jobs } from './jobs.ts';

/** A job that does as it is told from outside. */
function puppet() {
  const begun = Promise.withResolvers<JobOptions>();
  const end = Promise.withResolvers<void>();
  const work = (options: JobOptions) => {
    begun.resolve(options);
    options.signal.addEventListener('abort', () => end.reject(options.signal.reason));
    return end.promise;
  };
  return { work, begun: begun.promise, end };
}

const task = (subject: string, work: (options: JobOptions) => Promise<void>) => ({
  kind: 'run',
  subject,
  title: `about ${subject}`,
  topics: [`run:${subject}`],
  work,
});

test('one job runs at a time, the others wait in order', async () => {
  const jobs = new Jobs(50);
  const [first, second] = [puppet(), puppet()];
  jobs.start(task('a', first.work));
  jobs.start(task('b', second.work));
  await first.begun;
  expect((await jobs.watch({ since: 0 })).jobs.map(({ state }) => state)).toEqual(['running', 'queued']);
  first.end.resolve();
  await second.begun;
  expect((await jobs.watch({ since: 0 })).jobs.map(({ state }) => state)).toEqual(['done', 'running']);
  await jobs.close();
});

test('a watcher is answered by the next change, with the topics that it touched', async () => {
  const jobs = new Jobs(10_000);
  const { version } = await jobs.watch({ since: 0 });
  const news = jobs.watch({ since: version });
  jobs.changed('runs');
  expect((await news).topics).toEqual({ runs: version + 1 });
  await jobs.close();
});

test('without news a watcher is answered all the same', async () => {
  const jobs = new Jobs(5);
  const { version } = await jobs.watch({ since: 0 });
  expect((await jobs.watch({ since: version })).version).toBe(version);
});

test('progress tells what, how far and how long; a failure its words', async () => {
  const jobs = new Jobs(50);
  const { work, begun, end } = puppet();
  jobs.start(task('a', work));
  const { onProgress } = await begun;
  onProgress({ what: 'bim', done: 1, total: 10 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  onProgress({ what: 'bim', done: 2, total: 10 });
  const [job] = (await jobs.watch({ since: 0 })).jobs;
  expect(job).toMatchObject({ what: 'bim', done: 2, total: 10, state: 'running' });
  expect(job!.secondsLeft).toBeGreaterThan(0);
  end.reject(new HalftoneError('bad-image', 'a.png: truncated'));
  await expect
    .poll(async () => (await jobs.watch({ since: 0 })).jobs[0], { timeout: 10_000 })
    .toMatchObject({ state: 'failed', error: { code: 'bad-image', message: 'a.png: truncated' } });
});

test('cancelling stops a job at work and keeps one that waits from beginning', async () => {
  const jobs = new Jobs(50);
  const [first, second] = [puppet(), puppet()];
  const one = jobs.start(task('a', first.work));
  const other = jobs.start(task('b', second.work));
  await first.begun;
  await jobs.cancelJob({ id: other.id });
  await jobs.cancelJob({ id: one.id });
  await expect
    .poll(async () => (await jobs.watch({ since: 0 })).jobs.map(({ state }) => state), { timeout: 10_000 })
    .toEqual(['cancelled', 'cancelled']);
  expect(await Promise.race([second.begun, Promise.resolve('never began')])).toBe('never began');
  await jobs.dismissJob({ id: one.id });
  await expect(jobs.cancelJob({ id: one.id })).rejects.toThrow(/no such job/);
});

test('two jobs on one subject are refused, and a second run of it takes the place of what ended', async () => {
  const jobs = new Jobs(50);
  const first = puppet();
  jobs.start(task('a', first.work));
  expect(() => jobs.start(task('a', first.work))).toThrow(/'about a' is at work on it already/);
  first.end.resolve();
  const state = async () => (await jobs.watch({ since: 0 })).jobs[0]?.state;
  await expect.poll(state, { timeout: 10_000 }).toBe('done');
  jobs.start(task('a', () => Promise.resolve()));
  expect((await jobs.watch({ since: 0 })).jobs).toHaveLength(1);
  await jobs.close();
});
