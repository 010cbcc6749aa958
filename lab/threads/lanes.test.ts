import { setTimeout } from 'node:timers/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import { expect, test } from 'vitest';
import { inLanes } from './lanes.ts';

test('as many are at work as there are lanes, and answers are in the order of the items', async () => {
  let atOnce = 0;
  let most = 0;
  const answers = await inLanes([30, 1, 20, 1], 2, async (ms) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await setTimeout(ms);
    atOnce -= 1;
    return ms;
  });
  expect(answers).toEqual([30, 1, 20, 1]);
  expect(most).toBe(2);
});

test('what goes wrong first is told, once all others have ended', async () => {
  const ended: number[] = [];
  const work = async (item: number, signal: AbortSignal) => {
    if (item === 1) throw new HalftoneError('not-found', 'gone');
    await setTimeout(20);
    ended.push(item);
    if (signal.aborted) throw new HalftoneError('cancelled', 'cancelled');
  };
  await expect(inLanes([0, 1, 2, 3], 2, work)).rejects.toThrow('gone');
  expect(ended).toEqual([0]);
  await expect(inLanes([0], 2, work, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});
