import { expect, test } from 'vitest';
import type { RunFacts, RunListed } from '../../lab/api.ts';
import { attackWords, nextUntil, runLines, searchRuns, shownDate } from './list.ts';

const run = (id: string, given: Partial<RunListed> = {}): RunListed => ({
  ...{ id, title: id, created: '2026-11-23T12:34:56.000Z', model: 'signs-plain' },
  ...{ attacks: ['fgsm, epsilon 8/255'], measured: false },
  ...given,
});
const facts: RunFacts = { id: 'b', data: 'mnist, 24', stage: 'captures', size: 10 };
const lines = runLines(
  [run('a'), run('b', { model: 'mnist-c', attacks: ['bim, epsilon 0.1', 'fgsm, epsilon 0.1'] })],
  new Map([['b', facts]]),
);

test('a search finds what has every word, wherever it stands', () => {
  const found = (text: string) => searchRuns(lines, text).map(({ id }) => id);
  expect(found('')).toEqual(['a', 'b']);
  expect(found('FGSM')).toEqual(['a', 'b']);
  expect(found('fgsm bim')).toEqual(['b']);
  expect(found('mnist photographed')).toEqual(['b']);
  expect(found('signs mnist')).toEqual([]);
  expect(found(shownDate(lines[0]!.created).slice(0, 10))).toEqual(['a', 'b']);
});

test('attacks are said in few words, and a date is the person’s', () => {
  expect(attackWords(['fgsm, epsilon 8/255', 'fgsm, epsilon 16/255', 'deepfool'])).toBe('fgsm ×2, deepfool');
  expect(shownDate('')).toBe('');
  expect(shownDate('2026-11-23T12:34:56.000Z')).toMatch(/^2026-11-2\d \d\d:\d4$/);
});

test('a run goes on as far as it can by itself', () => {
  const simulate = [{ simulate: {} }];
  expect(nextUntil('new', simulate)).toBe('report');
  expect(nextUntil('measured', simulate)).toBeUndefined();
  expect(nextUntil('new', [])).toBe('examples');
  expect(nextUntil('examples', [{ webcam: true }])).toBe('sheets');
  // Photographs are up to the person.
  expect(nextUntil('sheets', [])).toBeUndefined();
  expect(nextUntil('captures', [])).toBe('report');
});
