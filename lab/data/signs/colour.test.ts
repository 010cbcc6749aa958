import { expect, test } from 'vitest';
import { levelOf, lightOfLevel } from './colour.ts';

test('levels are light and light levels again', () => {
  for (const [level, light] of lightOfLevel.entries())
    expect(Math.abs(levelOf(light) - level)).toBeLessThan(0.3);
  expect([levelOf(-1), levelOf(2)]).toEqual([0, 255]);
});
