import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ThreadPool } from './pool.ts';

const serve = pathToFileURL(`${import.meta.dirname}/serve.ts`).href;
const errors = import.meta.resolve('@halftone/sdk/errors');

/** A thread that squares; it refuses 13 and dies of 14, and never answers 15. */
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { threadId } from 'node:worker_threads';
    import { serveThread } from '${serve}';
    import { HalftoneError } from '${errors}';
    serveThread(async (number) => {
      if (number === 13) throw new HalftoneError('bad-image', 'no picture');
      if (number === 14) throw new RangeError('out of memory');
      if (number === 15) await new Promise(() => setInterval(() => {}, 1000));
      const square = new Float32Array([number * number]);
      return { value: { square, threadId }, transfer: [square.buffer] };
    });
  `)}`,
);
type Answer = { square: Float32Array; threadId: number };
const open = () =>
  new ThreadPool<number, Answer>({ script, name: 'test', words: 'a thread that squares' }, 2);

test('requests go to no more threads than there may be, and each gets its own answer', async () => {
  const pool = open();
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => pool.ask(number)));
  expect(answers.map(({ square }) => square[0])).toEqual([1, 4, 9, 16, 25, 36]);
  expect(new Set(answers.map(({ threadId }) => threadId)).size).toBeLessThanOrEqual(2);
  await pool.close();
});

test('a refusal is told as it was; a thread that dies fails its own request alone', async () => {
  const pool = open();
  const asked = await Promise.allSettled([13, 14, 2, 14, 3].map((number) => pool.ask(number)));
  expect(asked.map((one) => (one.status === 'fulfilled' ? one.value.square[0] : one.reason.code))).toEqual([
    'bad-image',
    'internal',
    4,
    'internal',
    9,
  ]);
  expect(String((asked[1] as PromiseRejectedResult).reason)).toContain('squares stopped: out of memory');
  await pool.close();
});

test('what is cancelled is over at once, whether it waits or is at work; so is all at the end', async () => {
  const pool = open();
  const abort = new AbortController();
  const asked = [15, 15, 2].map((number) => pool.ask(number, number === 2 ? abort.signal : undefined));
  const outcomes = Promise.allSettled(asked);
  abort.abort();
  await expect(asked[2]).rejects.toMatchObject({ code: 'cancelled' });
  await pool.close();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'cancelled' } });
  await expect(pool.ask(1)).rejects.toMatchObject({ code: 'cancelled' });
});
