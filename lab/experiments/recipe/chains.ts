import { HalftoneError, parseParameters, type TransformDefense } from '@halftone/sdk';
import { placed } from './places.ts';
import type { DefenseChain, ExperimentRecipe } from './schema.ts';
import { parameterWords } from './words.ts';

/** Defences that images go through, one after the other, before the model of the examples. */
export interface Chain {
  /** What it is called, `jpeg (quality 60), then median`: unique in the run. */
  readonly title: string;
  readonly steps: readonly ChainStep[];
}

export interface ChainStep {
  /** The plugin's name. */
  readonly defense: string;
  /** Checked and complete. */
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
}

/**
 * The chains of a recipe. `defenses` has every plugin that the recipe names.
 * Throws `bad-argument`, with its place in the recipe, for a parameter that a plugin hasn't got or that is out of
 * bounds, and for two chains alike.
 */
export function chainsOf(
  { defenses: chains }: ExperimentRecipe,
  defenses: ReadonlyMap<string, TransformDefense>,
): Chain[] {
  const read = chains.map((chain, i) => chainOf(chain, i, defenses));
  const again = read.findIndex(({ title }, i) => read.findIndex((other) => other.title === title) !== i);
  if (again < 0) return read;
  const text = `the recipe has the defence '${read[again]!.title}' twice`;
  throw new HalftoneError('bad-argument', text, { place: ['defenses', again] });
}

/** Where a step stands in a recipe: one alone needs no list. */
export function stepPlace(chain: DefenseChain, index: number, step: number): (string | number)[] {
  return chain.length === 1 ? ['defenses', index] : ['defenses', index, step];
}

function chainOf(chain: DefenseChain, index: number, defenses: ReadonlyMap<string, TransformDefense>): Chain {
  const words: string[] = [];
  const steps = chain.map(({ defense: name, set }, step): ChainStep => {
    try {
      const defense = defenses.get(name);
      if (defense === undefined) throw new HalftoneError('not-found', `no defence is called '${name}'`);
      const parameters = parseParameters(defense.parameters, set, name);
      const said = parameterWords(defense.parameters, parameters, Object.keys(set)).join(', ');
      words.push(said === '' ? name : `${name} (${said})`);
      return { defense: name, parameters };
    } catch (error) {
      const own = error instanceof HalftoneError && error.place !== undefined ? ['set'] : ['defense'];
      throw placed(error, [...stepPlace(chain, index, step), ...own]);
    }
  });
  return { title: words.join(', then '), steps };
}
