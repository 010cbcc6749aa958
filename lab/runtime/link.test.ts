import { expect, test } from 'vitest';
import { WorkerLink } from './link.ts';
import type { ReleaseRequest } from './messages.ts';

/** A worker that answers every request, ends at session 13, and throws at 14. */
const SCRIPT = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ number, request }) => {
      if (request.session === 13) process.exit(3);
      if (request.session === 14) throw new RangeError('Array buffer allocation failed');
      if (request.session !== 15) parentPort.postMessage({ number, ok: true, value: undefined });
    });
  `)}`,
);
const release = (session: number): ReleaseRequest => ({ kind: 'release', session });

test.each([
  [13, 'it ended with code 3'],
  [14, 'Array buffer allocation failed'],
])('a worker that dies (%d) rejects what is pending and is replaced', async (session, reason) => {
  const link = new WorkerLink(SCRIPT);
  await link.request(release(1));
  const before = link.generation;
  const pending = await Promise.allSettled([link.request(release(session)), link.request(release(2))]);
  for (const outcome of pending) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'internal' } });
    expect(String((outcome as PromiseRejectedResult).reason)).toContain(reason);
  }
  expect(link.generation).not.toBe(before);
  await link.request(release(3));
  await link.close();
});

test('closing rejects what is pending and what comes later', async () => {
  const link = new WorkerLink(SCRIPT, 100);
  const silent = link.request(release(15));
  const queued = link.request(release(2));
  const outcomes = Promise.allSettled([silent, queued]);
  await link.close();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'cancelled' } });
  await expect(link.request(release(3))).rejects.toMatchObject({ code: 'cancelled' });
});
