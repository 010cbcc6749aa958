import { expect, test } from 'vitest';
import { tinyRecipe } from '../lab/training/testing.ts';
import { planOf } from './train-defense.ts';

test('a defence that is asked for stands in the recipe and in its name, with all parameters', async () => {
  const { recipe } = await planOf(tinyRecipe(), { defense: 'adv-train', setDefense: { epsilon: '64/255' } });
  expect(recipe).toMatchObject({
    name: 'tiny-adv-train',
    defense: { name: 'adv-train', parameters: { method: 'fgsm', epsilon: 64 / 255, alpha: 0.5 } },
  });
});

test("a recipe's own defence is followed, its defaults filled in; one without is left as it is", async () => {
  const own = tinyRecipe({ defense: { name: 'adv-train', parameters: { method: 'pgd' } } });
  const { recipe } = await planOf(own, { setDefense: {} });
  expect(recipe.name).toBe('tiny');
  expect(recipe.defense?.parameters).toMatchObject({ method: 'pgd', alpha: 0, steps: 7 });
  expect((await planOf(tinyRecipe(), { setDefense: {} })).recipe).toEqual(tinyRecipe());
});

test.each([
  [{ defense: 'jpeg', setDefense: {} }, "defense 'jpeg' trains nothing"],
  [{ defense: 'wall', setDefense: {} }, "no defense is called 'wall'"],
  [{ defense: 'adv-train', setDefense: { epsilon: '2' } }, 'epsilon=2 is outside 0 to 1'],
  [{ setDefense: { epsilon: '0.1' } }, '--set-defense goes with --defense'],
])('%j is refused', async (options, message) => {
  await expect(planOf(tinyRecipe(), options)).rejects.toThrow(message);
});
