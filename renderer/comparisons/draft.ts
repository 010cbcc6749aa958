import type { Comparison, DefendInput, TransferInput } from '../../lab/api.ts';
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
  pluginInput,
} from '../experiments/plugins.ts';

/** A matrix of transfer as a person puts it together. */
export interface TransferDraft {
  title: string;
  sources: string[];
  targets: string[];
  attacks: ChosenAttack[];
  images: ImagesDraft;
  seed: number;
}

/** A comparison of defences as a person puts it together. */
export interface DefendDraft {
  title: string;
  model: string;
  attack: ChosenAttack;
  /** Each stands before the model as a whole. */
  chains: ChosenPlugin[][];
  through: boolean;
  images: ImagesDraft;
  seed: number;
}

export function firstTransfer(): TransferDraft {
  return {
    title: '',
    sources: ['signs-plain'],
    targets: ['signs-plain', 'signs-residual', 'signs-separable'],
    attacks: [chosenAttack('fgsm'), chosenAttack('bim')],
    images: firstImages(40),
    seed: 0,
  };
}

export function firstDefend(): DefendDraft {
  return {
    title: '',
    model: 'signs-residual',
    attack: chosenAttack('pgd'),
    chains: [[chosenPlugin('jpeg')], [chosenPlugin('bit-depth')], [chosenPlugin('median')]],
    through: true,
    images: firstImages(40),
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
    attacks: attacks.map(attackInput),
    data: imagesInput(images),
    seed,
  };
}

export function defendInput(draft: DefendDraft): DefendInput {
  const { model, attack, chains, through, images, seed, title } = draft;
  return {
    ...titled(title),
    model,
    attack: attackInput(attack),
    chains: chains.map((chain) => chain.map(pluginInput)),
    through,
    data: imagesInput(images),
    seed,
  };
}

function titled(title: string): { title?: string } {
  return title.trim() === '' ? {} : { title: title.trim() };
}

function attackInput(attack: ChosenAttack) {
  return { ...pluginInput(attack), ...channelInput(attack) };
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
    attacks: attacks.map(attackDraft),
    images: imagesDraft(data),
    seed,
  };
}

export function defendDraftOf(request: Request<'defend'>): DefendDraft {
  const { model, attack, chains, through, data, seed } = request;
  return {
    title: '',
    model,
    attack: attackDraft(attack),
    chains: chains.map((chain) => chain.map(({ name, set }) => chosenPlugin(name, formValues(set)))),
    through,
    images: imagesDraft(data),
    seed,
  };
}

function attackDraft({ name, set, channel }: Request<'transfer'>['attacks'][number]): ChosenAttack {
  return chosenAttack(name, { values: formValues(set), ...chosenChannel(channel) });
}
