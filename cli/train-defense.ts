import { HalftoneError, type TrainDefense } from '@halftone/sdk';
import { recipeWith, trainDefended } from '../lab/registry/train-defense.ts';
import type { Recipe } from '../lab/training/recipe.ts';
import { train } from '../lab/training/train.ts';
import { openRegistry } from './registry.ts';

/** The options of `halftone train` that say what it defends against. */
export interface TrainDefenseOptions {
  readonly defense?: string;
  readonly setDefense: Readonly<Record<string, string>>;
}

/** A recipe as it is to be followed, and what follows it. */
export interface Plan {
  readonly recipe: Recipe;
  readonly train: (...args: Parameters<typeof train>) => ReturnType<typeof train>;
}

/**
 * The recipe with the defence that the options name in it, which then names the model too; or with its own defence,
 * or with none. Throws `bad-argument`, and as the registry does.
 */
export async function planOf(
  recipe: Recipe,
  { defense: asked, setDefense }: TrainDefenseOptions,
): Promise<Plan> {
  if (asked === undefined && Object.keys(setDefense).length > 0)
    throw new HalftoneError('bad-argument', '--set-defense goes with --defense');
  const name = asked ?? recipe.defense?.name;
  if (name === undefined) return { recipe, train };
  const defense = await openTrainDefense(name);
  const given = asked === undefined ? (recipe.defense?.parameters ?? {}) : setDefense;
  const named = asked === undefined ? recipe : { ...recipe, name: `${recipe.name}-${name}` };
  return {
    recipe: recipeWith(named, defense, given),
    train: (followed, data, options) => trainDefended(defense, followed, data, options),
  };
}

async function openTrainDefense(name: string): Promise<TrainDefense> {
  const defense = await openRegistry().open('defense', name);
  if (defense.type === 'train') return defense;
  const text = `defense '${name}' trains nothing: put it before a model (halftone attack --defense ${name})`;
  throw new HalftoneError('bad-argument', text);
}
