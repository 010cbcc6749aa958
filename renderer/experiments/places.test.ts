import { expect, test } from 'vitest';
import { LabError } from '../../lab/api.ts';
import { wrongIn, wrongOf, wrongParameters } from './places.ts';

test('an error about a part is told there, down to the parameter', () => {
  const place = ['attacks', 1, 'set', 'epsilon'];
  const wrong = wrongOf(new LabError('bad-argument', 'epsilon=2 is outside 0 to 1', { place }));
  expect(wrongIn(wrong, 'attacks', 0)).toBeUndefined();
  expect(wrongIn(wrong, 'defenses')).toBeUndefined();
  const own = wrongIn(wrong, 'attacks', 1);
  expect(wrongIn(own, 'channel')).toBeUndefined();
  expect(wrongParameters(own)).toEqual({ epsilon: 'epsilon=2 is outside 0 to 1' });
  expect(wrongParameters(wrongIn(wrong, 'attacks'))).toEqual({});
});

test('an error about the whole has no place', () => {
  expect(wrongOf(new LabError('bad-argument', 'no room on paper'))).toBeUndefined();
  expect(wrongOf('text')).toBeUndefined();
  expect(wrongParameters(undefined)).toEqual({});
});
