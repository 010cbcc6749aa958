import { describe, expect, it, test } from 'vitest';
import type { PlainParameters } from '../../lab/api.ts';
import { readNumber, readNumberIn, readNumbers } from './numbers.ts';
import {
  inForce,
  intensityOf,
  knownValues,
  shownIntensity,
  stepOf,
  wantsSlider,
  withValue,
} from './parameters.ts';

const parameters = {
  epsilon: { type: 'number', unit: 'intensity', min: 0, max: 1, default: 8 / 255, help: '' },
  steps: { type: 'integer', min: 1, max: 1000, default: { rule: 'four more than ε' }, help: '' },
  start: { type: 'boolean', default: true, help: '' },
  loss: { type: 'choice', choices: ['margin', 'entropy'], default: 'margin', help: '' },
} satisfies PlainParameters;

describe('numbers in fields', () => {
  it('are read as people write them', () => {
    expect(['0.03', ' 8/255 ', '8 / 255', '1e-2', '-3', '.5'].map(readNumber)).toEqual([
      0.03,
      8 / 255,
      8 / 255,
      0.01,
      -3,
      0.5,
    ]);
    for (const text of ['', 'x', '1/2/3', '0x10', '1,5', 'Infinity']) expect(readNumber(text)).toBeNaN();
  });

  it('keep their bounds, and say what is wrong', () => {
    const bounds = { min: 1, max: 10, integer: true };
    expect(readNumberIn('10', bounds)).toEqual({ value: 10 });
    expect(readNumberIn('11', bounds).problem).toBe('Between 1 and 10');
    expect(readNumberIn('1.5', bounds).problem).toBe('Not a whole number');
    expect(readNumberIn('0', { min: 1 }).problem).toBe('At least 1');
    expect(readNumberIn('1e99', { min: 0, integer: true }).problem).toBe('Too large');
    expect(readNumberIn('1/0', {}).problem).toBe('Not a number');
    expect(readNumberIn(' ', {}).problem).toBe('A number is missing');
  });

  it('come in lists', () => {
    expect(readNumbers('2/255, 4 / 255;0.1  1')).toEqual([2 / 255, 4 / 255, 0.1, 1]);
    expect(readNumbers('1, a')).toEqual([1, Number.NaN]);
  });
});

describe('a form of parameters', () => {
  it('holds only what differs from the defaults', () => {
    const one = withValue(parameters, {}, 'epsilon', 4 / 255);
    expect(one).toEqual({ epsilon: 4 / 255 });
    expect(withValue(parameters, one, 'epsilon', 8 / 255)).toEqual({});
    expect(withValue(parameters, { start: false }, 'start', true)).toEqual({});
    expect(withValue(parameters, { steps: 5 }, 'steps', undefined)).toEqual({});
    expect(withValue(parameters, one, 'unknown', 1)).toEqual(one);
  });

  it('shows what is in force; a derived default is nobody’s number', () => {
    expect(inForce(parameters.epsilon, undefined)).toBe(8 / 255);
    expect(inForce(parameters.steps, undefined)).toBeUndefined();
    expect(inForce(parameters.steps, 12)).toBe(12);
  });

  it('keeps what another plugin knows too', () => {
    expect(knownValues(parameters, { epsilon: 1, kappa: 2 })).toEqual({ epsilon: 1 });
  });

  test('every level of 255 comes back as the float that its fraction is', () => {
    for (let level = 0; level <= 255; level += 1) {
      const shown = shownIntensity(level / 255, 'levels');
      expect(shown).toBe(String(level));
      expect(intensityOf(Number(shown), 'levels')).toBe(level / 255);
    }
    expect(shownIntensity(0.031, 'levels')).toBe('7.905');
    expect(shownIntensity(8 / 255, 'unit')).toBe('0.031373');
  });

  it('has sliders where their steps can be told apart', () => {
    expect(wantsSlider(parameters.epsilon)).toBe(true);
    expect(wantsSlider(parameters.steps)).toBe(false);
    expect(stepOf(parameters.epsilon)).toBe(1 / 255);
    expect(stepOf({ ...parameters.epsilon, unit: 'none', max: 30 })).toBe(0.1);
  });
});
