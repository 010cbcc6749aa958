import { describe, expect, it } from 'vitest';
import { loadAttack } from '../../registry/plugins.ts';
import { sayPlace } from './places.ts';
import { parseRecipeText } from './read.ts';
import { variantsOf } from './variants.ts';

const attacks = new Map([
  ['fgsm', await loadAttack('fgsm')],
  ['bim', await loadAttack('bim')],
]);

const text = `
name: signs
model: signs-residual
data: { set: signs, count: 8 }
attacks:
  - { attack: fgsm, each: { epsilon: [4/255, 8/255] } }
  - { attack: bim, set: { epsilon: 8/255 }, target: 3 }
captures:
  - simulate: {}
`;

describe('an experiment recipe', () => {
  it('is read with its defaults, and its curves spread out into rows', () => {
    const recipe = parseRecipeText(text, 'signs.yaml');
    expect(recipe.sheet).toMatchObject({ paper: 'A4', arrangement: 'by-source' });
    expect(recipe.captures).toEqual([
      { simulate: { printer: 'office-laser', camera: 'webcam-1080p', views: 3 } },
    ]);
    expect(variantsOf(recipe, attacks).map(({ key, title, epsilon }) => ({ key, title, epsilon }))).toEqual([
      { key: 'fgsm-epsilon-4-255', title: 'fgsm, epsilon 4/255', epsilon: 4 / 255 },
      { key: 'fgsm-epsilon-8-255', title: 'fgsm, epsilon 8/255', epsilon: 8 / 255 },
      { key: 'bim-epsilon-8-255-target-3', title: 'bim, epsilon 8/255, target 3', epsilon: 8 / 255 },
    ]);
  });

  it('calls the rows of a curve by its parameter, and by all that was set where that is not enough', () => {
    const curve = (steps: number) =>
      `  - { attack: bim, set: { steps: ${steps} }, each: { epsilon: [8/255] } }`;
    const keys = (...lines: string[]) => {
      const recipe = parseRecipeText(
        ['name: a', 'model: b', 'data: { set: c }', 'attacks:', ...lines].join('\n'),
        'x',
      );
      return variantsOf(recipe, attacks).map(({ key }) => key);
    };
    expect(keys(curve(3))).toEqual(['bim-epsilon-8-255']);
    expect(keys(curve(3), curve(5))).toEqual(['bim-steps-3-epsilon-8-255', 'bim-steps-5-epsilon-8-255']);
  });

  it.each([
    ['a misspelt key', text.replace('captures', 'capture'), /signs\.yaml: .*capture/],
    ['a wrong type', text.replace('count: 8', 'count: eight'), /data/],
    ['no YAML', text.replace('{ set', '{ set: ['), /signs\.yaml: line \d+/],
    [
      'two swept parameters',
      text.replace('each: { epsilon: [4/255, 8/255] }', 'each: { epsilon: [0.1], alpha: [0.1] }'),
      /attacks\.0\.each: one parameter/,
    ],
    ['another kind of capture', text.replace('simulate: {}', 'telepathy: {}'), /captures\.0: one of/],
  ])('refuses %s, saying where', (_, changed, message) => {
    expect(() => parseRecipeText(changed, 'signs.yaml')).toThrow(message);
  });

  it('says where in the recipe a value is that a plugin won’t take', () => {
    const message = (changed: string) => {
      try {
        variantsOf(parseRecipeText(changed, 'x'), attacks);
      } catch (error) {
        return (sayPlace(error, 'signs.yaml') as Error).message;
      }
      return 'nothing';
    };
    expect(message(text.replace('4/255, 8/255', '4/255, 2'))).toMatch(
      /^signs\.yaml: attacks\.0\.each\.epsilon: fgsm: epsilon=2 is outside 0 to 1/,
    );
    expect(message(text.replace('set: { epsilon: 8/255 }', 'set: { steps: 0 }'))).toMatch(
      /^signs\.yaml: attacks\.1\.set\.steps: bim: steps=0/,
    );
  });

  it('refuses parameters that a plugin hasn’t got, and the same row twice', () => {
    const unknown = parseRecipeText(text.replace('set: { epsilon', 'set: { epsilom'), 'x');
    expect(() => variantsOf(unknown, attacks)).toThrow(/bim has no parameter 'epsilom'/);
    const twice = parseRecipeText(text.replace('[4/255, 8/255]', '[8/255, 8/255]'), 'x');
    expect(() => variantsOf(twice, attacks)).toThrow(/twice/);
  });
});
