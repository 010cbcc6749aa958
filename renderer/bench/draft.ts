import type { Recipe, RecipeInput } from '../../lab/api.ts';
import {
  firstImages,
  type ImagesDraft,
  imageProblems,
  imagesDraft,
  imagesInput,
} from '../experiments/images.ts';
import {
  type ChosenAttack,
  type ChosenPlugin,
  channelInput,
  chosenAttack,
  chosenChannel,
  chosenPlugin,
  formValues,
} from '../experiments/plugins.ts';
import { readNumbers } from '../forms/numbers.ts';

/** A run as a person puts it together on the bench: everything that a form holds, complete or not. */
export interface Draft extends ImagesDraft {
  name: string;
  seed: number;
  model: string;
  others: string[];
  attacks: DraftAttack[];
  /** Each stands before the model as a whole. */
  defenses: ChosenPlugin[][];
  /** What the bench has no fields for, and keeps from a recipe that was taken over. */
  rest: Pick<RecipeInput, 'compare' | 'sheet' | 'captures'>;
}

export interface DraftAttack extends ChosenAttack {
  /** The parameter that a curve runs over. */
  curve: string | undefined;
  /** Its values as they were typed: `2/255, 4/255`. */
  curveValues: string;
  target: string;
}

type AttackInput = RecipeInput['attacks'][number];
type ChainInput = NonNullable<RecipeInput['defenses']>[number];

export function draftAttack(name: string, given: Partial<Omit<DraftAttack, 'key'>> = {}): DraftAttack {
  return { ...chosenAttack(name), curve: undefined, curveValues: '', target: '', ...given };
}

/** What the bench starts with: a fast and an iterative attack on road signs. */
export function firstDraft(): Draft {
  const curve = { curve: 'epsilon', curveValues: '8/255, 16/255, 32/255' };
  return {
    name: 'signs',
    seed: 0,
    model: 'signs-residual',
    others: [],
    ...firstImages(24),
    attacks: [draftAttack('fgsm', curve), draftAttack('bim', curve)],
    defenses: [],
    rest: {},
  };
}

/** What keeps a draft from being run, each in a line; none where it can be tried. The lab checks the rest. */
export function draftProblems(draft: Draft): string[] {
  const curves = draft.attacks.filter(({ curve }) => curve !== undefined);
  const bad = curves.flatMap(({ name: attack, curve, curveValues }) => {
    const values = readNumbers(curveValues);
    if (values.length === 0) return [`${attack}: the curve over ${curve} has no values`];
    const wrong = words(curveValues).filter((_, i) => !Number.isFinite(values[i]));
    return wrong.length === 0 ? [] : [`${attack}: ‘${wrong.join(', ')}’ is no value of ${curve}`];
  });
  return [
    ...(draft.model === '' ? ['Choose a model'] : []),
    ...imageProblems(draft),
    ...(draft.attacks.length === 0 ? ['Add an attack'] : []),
    ...bad,
  ];
}

/** The recipe that a draft stands for. Only what was chosen is in it: the rest are the recipe's own defaults. */
export function recipeOf(draft: Draft): RecipeInput {
  const { seed, model, others, prefilter, attacks, defenses, rest } = draft;
  return {
    name: fileWord(draft.name),
    seed,
    model,
    ...(others.length === 0 ? {} : { others }),
    data: imagesInput(draft),
    ...(prefilter === undefined ? {} : { selection: { prefiltered: prefilter } }),
    attacks: attacks.map(attackOf),
    ...(defenses.length === 0 ? {} : { defenses: defenses.map(chainOf) }),
    ...rest,
    // A headline about attacks that were taken out would be refused.
    ...(rest.compare?.every((name) => attacks.some((attack) => attack.name === name))
      ? { compare: rest.compare }
      : { compare: undefined }),
  };
}

function attackOf(entry: DraftAttack): AttackInput {
  const { name, curve, curveValues, target } = entry;
  const { [curve ?? '']: _, ...set } = entry.values;
  return {
    attack: name,
    ...(Object.keys(set).length === 0 ? {} : { set }),
    // As they were typed: 8/255 stays 8/255 in the recipe.
    ...(curve === undefined ? {} : { each: { [curve]: words(curveValues) } }),
    ...(target.trim() === '' ? {} : { target: target.trim() }),
    ...channelInput(entry),
  };
}

/** One defence alone needs no list, and one as it is by default is its name. */
function chainOf(chain: readonly ChosenPlugin[]): ChainInput {
  const steps = chain.map(({ name, values }) =>
    Object.keys(values).length === 0 ? name : { defense: name, set: { ...values } },
  );
  return steps.length === 1 ? steps[0]! : steps;
}

function words(list: string): string[] {
  return list
    .replaceAll(/\s*\/\s*/g, '/')
    .split(/[;,\s]+/)
    .filter(Boolean);
}

/** A run's name as its folder takes it: letters, digits, dots and dashes. */
export function fileWord(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[^a-z0-9._-]+/gi, '-')
    .replaceAll(/^[-._]+|-+$/g, '')
    .slice(0, 64);
  return plain === '' ? 'run' : plain;
}

/** A recipe on the bench, to be changed and run anew. */
export function draftOf(recipe: Recipe): Draft {
  const { name, seed, model, others, data, selection, attacks, defenses, compare, sheet, captures } = recipe;
  return {
    ...firstDraft(),
    name,
    seed,
    model,
    others: [...others],
    ...imagesDraft(data),
    prefilter: selection === 'average' ? undefined : selection.prefiltered,
    attacks: attacks.map((entry) => {
      const [curve] = Object.entries(entry.each ?? {});
      return draftAttack(entry.attack, {
        values: formValues(entry.set),
        ...(curve === undefined ? {} : { curve: curve[0], curveValues: curve[1].join(', ') }),
        target: String(entry.target ?? ''),
        ...chosenChannel(entry.channel),
      });
    }),
    defenses: defenses.map((chain) =>
      chain.map(({ defense, set }) => chosenPlugin(defense, formValues(set))),
    ),
    rest: { ...(compare === undefined ? {} : { compare }), sheet, captures },
  };
}
