import { type Attack, HalftoneError, parseParameters } from '@halftone/sdk';
import { classFinder } from '../../data/classes.ts';
import { placed } from './places.ts';
import type { AttackEntry, ExperimentRecipe } from './schema.ts';
import { parameterWords } from './words.ts';

/** One attack with one set of parameters: a row of the table. */
export interface Variant {
  /** Names its folder and its rows: `bim-epsilon-8-255`. Unique in the run, and never `clean`. */
  readonly key: string;
  /** For people: `bim, epsilon 8/255`. */
  readonly title: string;
  /** The plugin's name. */
  readonly attack: string;
  /** Checked and complete. */
  readonly parameters: Readonly<Record<string, number | boolean | string>>;
  /** The radius that the attack keeps to, in [0, 1] units; absent for one that seeks the smallest change. */
  readonly epsilon?: number;
  readonly target?: string | number;
  readonly channel?: AttackEntry['channel'];
}

/**
 * The attacks of a recipe, its curves spread out. `attacks` has every plugin that the recipe names.
 * Throws `bad-argument`, with its place in the recipe, for a parameter that a plugin hasn't got or that is out of
 * bounds, and for two rows alike.
 */
export function variantsOf(recipe: ExperimentRecipe, attacks: ReadonlyMap<string, Attack>): Variant[] {
  const rows = (all: boolean) =>
    recipe.attacks.flatMap((entry, i) => {
      try {
        return spread(entry, attacks, all);
      } catch (error) {
        throw placed(error, ['attacks', i]);
      }
    });
  // A curve's rows are told apart by its parameter, unless two curves would be called alike.
  const brief = rows(false);
  const variants = twice(brief) === undefined ? brief : rows(true);
  const same = twice(variants);
  if (same === undefined) return variants;
  const text = `the recipe has the attack '${same.key}' twice; give it other parameters`;
  throw new HalftoneError('bad-argument', text);
}

function twice(variants: readonly Variant[]): Variant | undefined {
  return variants.find(({ key }, i) => variants.findIndex((other) => other.key === key) !== i);
}

/** The rows of an entry. `all`: they are called by everything that was set, beside the curve's parameter. */
function spread(entry: AttackEntry, attacks: ReadonlyMap<string, Attack>, all: boolean): Variant[] {
  const attack = attacks.get(entry.attack);
  if (attack === undefined) {
    const text = `no attack is called '${entry.attack}'`;
    throw new HalftoneError('not-found', text, { place: ['attack'] });
  }
  const [curve] = Object.entries(entry.each ?? {});
  if (curve === undefined) return [variant(entry, attack, entry.set, Object.keys(entry.set))];
  const [name, values] = curve;
  return values.map((value) => {
    const given = { ...entry.set, [name]: value };
    return variant(entry, attack, given, all ? Object.keys(given) : [name]);
  });
}

function variant(
  entry: AttackEntry,
  attack: Attack,
  given: Readonly<Record<string, unknown>>,
  named: readonly string[],
): Variant {
  const parameters = parsed(entry, attack, given);
  const said = parameterWords(attack.parameters, parameters, named);
  if (entry.target !== undefined) said.push(`target ${entry.target}`);
  if (entry.channel !== undefined) said.push(`channel ${entry.channel.name}`);
  const title = [attack.name, ...said].join(', ');
  return {
    key: title.replaceAll(/[^a-z0-9.]+/gi, '-').replace(/-$/, ''),
    title,
    attack: attack.name,
    parameters,
    ...(attack.budget === undefined ? {} : { epsilon: parameters[attack.budget] as number }),
    ...(entry.target === undefined ? {} : { target: entry.target }),
    ...(entry.channel === undefined ? {} : { channel: entry.channel }),
  };
}

function parsed({ each }: AttackEntry, attack: Attack, given: Readonly<Record<string, unknown>>) {
  try {
    return parseParameters(attack.parameters, given, attack.name);
  } catch (error) {
    const name = error instanceof HalftoneError ? error.place?.[0] : undefined;
    throw placed(error, [name !== undefined && Object.hasOwn(each ?? {}, name) ? 'each' : 'set']);
  }
}

/** Index of the class that a recipe names as a target: by name, or by index. Throws `bad-labels`. */
export function targetIndex(target: string | number, classes: readonly string[]): number {
  const index = classFinder(classes.map((name) => ({ name })))(String(target));
  if (index !== undefined) return index;
  const some = classes.slice(0, 5).join(', ');
  throw new HalftoneError('bad-labels', `the target '${target}' is no class; there are ${some}, …`);
}
