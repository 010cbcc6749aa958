import type { Recipe, RecipeInput } from '../../lab/api.ts';
import { readNumber, readNumbers } from '../forms/numbers.ts';
import type { FormValue, FormValues } from '../forms/parameters.ts';

/** A run as a person puts it together on the bench: everything that a form holds, complete or not. */
export interface Draft {
  name: string;
  seed: number;
  model: string;
  others: string[];
  source: 'set' | 'folder';
  set: string;
  split: 'train' | 'test';
  /** Of this computer, or of the lab's own keeping. */
  folder: string;
  /** All of a folder's images without it. */
  count: number | undefined;
  /** Seed of a random choice; the first images without it. */
  shuffle: number | undefined;
  /** Only images that the model has right with this confidence, clean and adversarial; all without it. */
  prefilter: number | undefined;
  attacks: DraftAttack[];
  /** What the bench has no fields for, and keeps from a recipe that was taken over. */
  rest: Pick<RecipeInput, 'compare' | 'sheet' | 'captures'>;
}

/** Which images, how many of them and in which order. */
export type ImagesDraft = Pick<
  Draft,
  'source' | 'set' | 'split' | 'folder' | 'count' | 'shuffle' | 'prefilter'
>;

export interface DraftAttack {
  /** Tells entries apart while they are edited. */
  readonly key: number;
  attack: string;
  values: FormValues;
  /** The parameter that a curve runs over. */
  curve: string | undefined;
  /** Its values as they were typed: `2/255, 4/255`. */
  curveValues: string;
  target: string;
  channel: string;
  /** A channel's parameters, kept from a recipe. */
  channelValues: FormValues;
}

type AttackInput = RecipeInput['attacks'][number];

let lastKey = 0;

export function draftAttack(attack: string, given: Partial<Omit<DraftAttack, 'key'>> = {}): DraftAttack {
  lastKey += 1;
  return {
    key: lastKey,
    attack,
    values: {},
    curve: undefined,
    curveValues: '',
    target: '',
    channel: '',
    channelValues: {},
    ...given,
  };
}

/** What the bench starts with: a fast and an iterative attack on road signs. */
export function firstDraft(): Draft {
  const curve = { curve: 'epsilon', curveValues: '8/255, 16/255, 32/255' };
  return {
    name: 'signs',
    seed: 0,
    model: 'signs-residual',
    others: [],
    source: 'set',
    set: 'signs',
    split: 'test',
    folder: '',
    count: 24,
    shuffle: 1,
    prefilter: undefined,
    attacks: [draftAttack('fgsm', curve), draftAttack('bim', curve)],
    rest: {},
  };
}

/** What keeps a draft from being run, each in a line; none where it can be tried. The lab checks the rest. */
export function draftProblems(draft: Draft): string[] {
  const curves = draft.attacks.filter(({ curve }) => curve !== undefined);
  const bad = curves.flatMap(({ attack, curve, curveValues }) => {
    const values = readNumbers(curveValues);
    if (values.length === 0) return [`${attack}: the curve over ${curve} has no values`];
    const wrong = words(curveValues).filter((_, i) => !Number.isFinite(values[i]));
    return wrong.length === 0 ? [] : [`${attack}: ‘${wrong.join(', ')}’ is no value of ${curve}`];
  });
  return [
    ...(draft.model === '' ? ['Choose a model'] : []),
    ...(draft.source === 'set' && draft.set === '' ? ['Choose a data set'] : []),
    ...(draft.source === 'folder' && draft.folder.trim() === '' ? ['Name a folder of images'] : []),
    ...(draft.attacks.length === 0 ? ['Add an attack'] : []),
    ...bad,
  ];
}

/** The recipe that a draft stands for. Only what was chosen is in it: the rest are the recipe's own defaults. */
export function recipeOf(draft: Draft): RecipeInput {
  const { seed, model, others, prefilter, attacks, rest } = draft;
  return {
    name: fileWord(draft.name),
    seed,
    model,
    ...(others.length === 0 ? {} : { others }),
    data: dataOf(draft),
    ...(prefilter === undefined ? {} : { selection: { prefiltered: prefilter } }),
    attacks: attacks.map(attackOf),
    ...rest,
    // A headline about attacks that were taken out would be refused.
    ...(rest.compare?.every((name) => attacks.some(({ attack }) => attack === name))
      ? { compare: rest.compare }
      : { compare: undefined }),
  };
}

function dataOf({ source, set, split, folder, count, shuffle }: Draft): RecipeInput['data'] {
  const order = shuffle === undefined ? {} : { shuffle };
  const some = count === undefined ? {} : { count };
  return source === 'set' ? { set, split, ...some, ...order } : { folder: folder.trim(), ...some, ...order };
}

function attackOf(entry: DraftAttack): AttackInput {
  const { attack, curve, curveValues, target, channel, channelValues } = entry;
  const { [curve ?? '']: _, ...set } = entry.values;
  return {
    attack,
    ...(Object.keys(set).length === 0 ? {} : { set }),
    // As they were typed: 8/255 stays 8/255 in the recipe.
    ...(curve === undefined ? {} : { each: { [curve]: words(curveValues) } }),
    ...(target.trim() === '' ? {} : { target: target.trim() }),
    ...(channel === '' ? {} : { channel: { name: channel, set: { ...channelValues } } }),
  };
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
  const { name, seed, model, others, data, selection, attacks, compare, sheet, captures } = recipe;
  const { count, shuffle } = data;
  return {
    ...firstDraft(),
    name,
    seed,
    model,
    others: [...others],
    ...('set' in data
      ? { source: 'set', set: data.set, split: data.split }
      : { source: 'folder', folder: data.folder }),
    count,
    shuffle,
    prefilter: selection === 'average' ? undefined : selection.prefiltered,
    attacks: attacks.map((entry) => {
      const [curve] = Object.entries(entry.each ?? {});
      return draftAttack(entry.attack, {
        values: valuesOf(entry.set),
        ...(curve === undefined ? {} : { curve: curve[0], curveValues: curve[1].join(', ') }),
        target: String(entry.target ?? ''),
        channel: entry.channel?.name ?? '',
        channelValues: valuesOf(entry.channel?.set ?? {}),
      });
    }),
    rest: { ...(compare === undefined ? {} : { compare }), sheet, captures },
  };
}

/** Recipes may write numbers as text, `8/255`; forms have numbers. */
function valuesOf(set: Readonly<Record<string, FormValue>>): FormValues {
  return Object.fromEntries(
    Object.entries(set).map(([name, value]) => {
      const number = typeof value === 'string' ? readNumber(value) : Number.NaN;
      return [name, Number.isFinite(number) ? number : value];
    }),
  );
}
