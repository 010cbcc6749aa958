import { expect, test } from 'vitest';
import { type ParameterSchema, parseParameters, showNumber } from './parameters.ts';

const schema = {
  epsilon: { type: 'number', unit: 'intensity', min: 0, max: 1, default: 8 / 255, help: 'h' },
  steps: {
    type: 'integer',
    min: 1,
    max: 100,
    default: { rule: 'ten an epsilon', from: (values) => Math.ceil((values.epsilon as number) * 10) },
    help: 'h',
  },
  start: { type: 'boolean', default: false, help: 'h' },
  loss: { type: 'choice', choices: ['cross-entropy', 'margin'], default: 'margin', help: 'h' },
} as const satisfies ParameterSchema;

test('words become values, defaults fill in, derived defaults follow what was given', () => {
  expect(parseParameters(schema, {}, 'x')).toEqual({
    epsilon: 8 / 255,
    steps: 1,
    start: false,
    loss: 'margin',
  });
  const given = { epsilon: '0.5', start: 'true', loss: 'cross-entropy' };
  expect(parseParameters(schema, given, 'x')).toEqual({
    epsilon: 0.5,
    steps: 5,
    start: true,
    loss: 'cross-entropy',
  });
  expect(parseParameters(schema, { epsilon: '8/255', steps: 12 }, 'x')).toMatchObject({
    epsilon: 8 / 255,
    steps: 12,
  });
  expect(parseParameters(schema, { epsilon: ' 1e-2 ' }, 'x').epsilon).toBe(0.01);
});

test.each<[Record<string, unknown>, string]>([
  [{ eps: '1' }, "fgsm has no parameter 'eps'; it has: epsilon, steps, start, loss"],
  [{ epsilon: '8' }, 'fgsm: epsilon=8 is outside 0 to 1; for 8 levels of 255 write 8/255'],
  [{ epsilon: '-0.1' }, 'fgsm: epsilon=-0.1 is outside 0 to 1'],
  [{ epsilon: '8/0' }, 'fgsm: epsilon=8/0 is not a number (write 0.03 or 8/255)'],
  [{ epsilon: Number.NaN }, 'fgsm: epsilon=NaN is not a number (write 0.03 or 8/255)'],
  [{ steps: '2.5' }, 'fgsm: steps=2.5 is not a whole number'],
  [{ steps: '0' }, 'fgsm: steps=0 is outside 1 to 100'],
  [{ epsilon: 0 }, 'fgsm: steps (by default ten an epsilon)=0 is outside 1 to 100'],
  [{ start: 'perhaps' }, 'fgsm: start=perhaps is neither true nor false'],
  [{ loss: 'hinge' }, 'fgsm: loss=hinge is not one of cross-entropy, margin'],
  [{ constructor: '1' }, "fgsm has no parameter 'constructor'; it has: epsilon, steps, start, loss"],
])('%o is refused', (given, message) => {
  expect(() => parseParameters(schema, given, 'fgsm')).toThrow(
    expect.objectContaining({ code: 'bad-argument', message }),
  );
});

test('intensities are shown as levels of 255 where they are', () => {
  expect(showNumber(8 / 255, 'intensity')).toBe('8/255');
  expect(showNumber(0.03, 'intensity')).toBe('0.03');
  expect(showNumber(8 / 255 / 30, 'intensity')).toBe('0.00104575');
  expect(showNumber(3, 'intensity')).toBe('3');
  expect(showNumber(3, 'mm')).toBe('3 mm');
});
