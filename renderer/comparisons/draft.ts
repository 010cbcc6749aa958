import type { Comparison, DefendInput, TransferInput } from '../../lab/api.ts';
import type { ImagesDraft } from '../bench/draft.ts';
import type { FormValues } from '../forms/parameters.ts';

/** A plugin with its parameters, as a form holds it. */
export interface ChosenPlugin {
  /** Tells entries apart while they are edited. */
  readonly key: number;
  name: string;
  values: FormValues;
}

let lastKey = 0;

export function chosenPlugin(name: string, values: FormValues = {}): ChosenPlugin {
  lastKey += 1;
  return { key: lastKey, name, values };
}

/** A matrix of transfer as a person puts it together. */
export interface TransferDraft {
  title: string;
  sources: string[];
  targets: string[];
  attacks: ChosenPlugin[];
  images: ImagesDraft;
  seed: number;
}

/** A comparison of defences as a person puts it together. */
export interface DefendDraft {
  title: string;
  model: string;
  attack: ChosenPlugin;
  /** Each stands before the model as a whole. */
  chains: ChosenPlugin[][];
  through: boolean;
  images: ImagesDraft;
  seed: number;
}

function firstImages(): ImagesDraft {
  return {
    source: 'set',
    set: 'signs',
    split: 'test',
    folder: '',
    count: 40,
    shuffle: 1,
    prefilter: undefined,
  };
}

export function firstTransfer(): TransferDraft {
  return {
    title: '',
    sources: ['signs-plain'],
    targets: ['signs-plain', 'signs-residual', 'signs-separable'],
    attacks: [chosenPlugin('fgsm'), chosenPlugin('bim')],
    images: firstImages(),
    seed: 0,
  };
}

export function firstDefend(): DefendDraft {
  return {
    title: '',
    model: 'signs-residual',
    attack: chosenPlugin('pgd'),
    chains: [[chosenPlugin('jpeg')], [chosenPlugin('bit-depth')], [chosenPlugin('median')]],
    through: true,
    images: firstImages(),
    seed: 0,
  };
}

/** What keeps a matrix from being made; none where it can be tried. The lab checks the rest. */
export function transferProblems({ sources, targets, attacks, images }: TransferDraft): string[] {
  return [
    ...(sources.length === 0 ? ['Choose a model to make the examples on'] : []),
    ...(targets.length === 0 ? ['Choose a model to show them to'] : []),
    ...(attacks.length === 0 ? ['Add an attack'] : []),
    ...imageProblems(images),
  ];
}

export function defendProblems({ model, attack, chains, images }: DefendDraft): string[] {
  return [
    ...(model === '' ? ['Choose a model'] : []),
    ...(attack.name === '' ? ['Choose an attack'] : []),
    ...(chains.length === 0 ? ['Add a defence'] : []),
    ...imageProblems(images),
  ];
}

function imageProblems({ source, set, folder }: ImagesDraft): string[] {
  if (source === 'set') return set === '' ? ['Choose a data set'] : [];
  return folder.trim() === '' ? ['Name a folder of images'] : [];
}

/** What is asked of the lab: only what was chosen is in it. */
export function transferInput({
  sources,
  targets,
  attacks,
  images,
  seed,
  title,
}: TransferDraft): TransferInput {
  return {
    ...titled(title),
    sources: [...sources],
    targets: [...targets],
    attacks: attacks.map(pluginInput),
    data: imagesInput(images),
    seed,
  };
}

export function defendInput(draft: DefendDraft): DefendInput {
  const { model, attack, chains, through, images, seed, title } = draft;
  return {
    ...titled(title),
    model,
    attack: pluginInput(attack),
    chains: chains.map((chain) => chain.map(pluginInput)),
    through,
    data: imagesInput(images),
    seed,
  };
}

function titled(title: string): { title?: string } {
  return title.trim() === '' ? {} : { title: title.trim() };
}

function pluginInput({ name, values }: ChosenPlugin): { name: string; set: FormValues } {
  return { name, set: { ...values } };
}

function imagesInput({ source, set, split, folder, count, shuffle }: ImagesDraft): TransferInput['data'] {
  const order = shuffle === undefined ? {} : { shuffle };
  const some = count === undefined ? {} : { count };
  return source === 'set' ? { set, split, ...some, ...order } : { folder: folder.trim(), ...some, ...order };
}

type Request<K extends Comparison['kind']> = Extract<Comparison, { kind: K }>['request'];

/** A kept comparison in a form again, to be changed and made anew. */
export function transferDraftOf({
  sources,
  targets,
  attacks,
  data,
  seed,
}: Request<'transfer'>): TransferDraft {
  return {
    title: '',
    sources: [...sources],
    targets: [...targets],
    attacks: attacks.map(({ name, set }) => chosenPlugin(name, set)),
    images: imagesDraftOf(data),
    seed,
  };
}

export function defendDraftOf(request: Request<'defend'>): DefendDraft {
  const { model, attack, chains, through, data, seed } = request;
  return {
    title: '',
    model,
    attack: chosenPlugin(attack.name, attack.set),
    chains: chains.map((chain) => chain.map(({ name, set }) => chosenPlugin(name, set))),
    through,
    images: imagesDraftOf(data),
    seed,
  };
}

function imagesDraftOf(data: Request<'transfer'>['data']): ImagesDraft {
  const { count, shuffle } = data;
  const which =
    'set' in data
      ? { source: 'set' as const, set: data.set, split: data.split }
      : { source: 'folder' as const, folder: data.folder };
  return { ...firstImages(), ...which, count, shuffle };
}
