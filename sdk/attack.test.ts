import { expect, test } from 'vitest';
import { type AttackDefinition, defineAttack } from './attack.ts';
import { satisfied, targeted, untargeted } from './criterion.ts';

const parameters = { epsilon: { type: 'number', min: 0, max: 1, default: 0.1, help: 'Size.' } } as const;

const sound: AttackDefinition<'decision', typeof parameters> = {
  name: 'noise',
  title: 'Noise',
  summary: 'Adds noise.',
  paper: { authors: 'A', title: 'T', year: 2020, url: 'https://example.org' },
  departures: [],
  access: 'decision',
  criteria: ['untargeted'],
  norm: 'linf',
  budget: 'epsilon',
  parameters,
  run: async ({ images }) => images,
};

test('a sound definition becomes a frozen attack', () => {
  const attack = defineAttack(sound);
  expect(attack).toMatchObject({ kind: 'attack', apiVersion: 1, name: 'noise' });
  expect(Object.isFrozen(attack)).toBe(true);
});

test.each([
  [{ name: 'No Good' }, 'its name may hold'],
  [{ criteria: [] }, 'it can pursue none'],
  [{ budget: 'radius' }, "'radius' is not a number among its parameters"],
  [
    { parameters: { epsilon: { ...parameters.epsilon, default: 2 } } },
    'defaults: epsilon=2 is outside 0 to 1',
  ],
  [{ parameters: { epsilon: { ...parameters.epsilon, help: '' } } }, 'parameters.epsilon: has no help'],
])('%o is refused', (change, message) => {
  expect(() => defineAttack({ ...sound, ...change } as never)).toThrow(message);
});

test('success is another class than the label, or the target', () => {
  const predicted = Int32Array.of(1, 2, 3);
  expect(satisfied(untargeted([1, 1, 1]), predicted)).toEqual([false, true, true]);
  expect(satisfied(targeted([1, 1, 3]), predicted)).toEqual([true, false, true]);
});
