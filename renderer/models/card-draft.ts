import type { ClassEntry, ModelDetail, WrittenCard } from '../../lab/api.ts';
import { readNumbers } from '../forms/numbers.ts';

/** A model's card as a form holds it. */
export interface CardDraft {
  name: string;
  layout: 'nchw' | 'nhwc';
  channels: 'rgb' | 'bgr' | 'grey';
  /** Where the graph leaves it open. */
  height: number | undefined;
  width: number | undefined;
  /** What black and white are to the model before mean and std: `0, 1`. */
  range: string;
  /** As typed, a number a channel; empty for none. */
  mean: string;
  std: string;
  output: 'logits' | 'probabilities';
  source: string;
  licence: string;
  classes: readonly ClassEntry[];
}

/** Ways of preprocessing that many published models share. */
export const preprocessings = [
  { value: 'plain', name: '[0, 1] as it is', range: '0, 1', mean: '', std: '' },
  {
    value: 'imagenet',
    name: 'ImageNet’s mean and std',
    range: '0, 1',
    mean: '0.485, 0.456, 0.406',
    std: '0.229, 0.224, 0.225',
  },
  { value: 'signed', name: '[−1, 1]', range: '-1, 1', mean: '', std: '' },
  { value: 'levels', name: '[0, 255]', range: '0, 255', mean: '', std: '' },
] as const;

/** The preprocessing that the fields say, or `own`. */
export function preprocessingOf({ range, mean, std }: CardDraft): string {
  const same = (a: string, b: string) => readNumbers(a).join() === readNumbers(b).join();
  const found = preprocessings.find(
    (each) => same(each.range, range) && same(each.mean, mean) && same(each.std, std),
  );
  return found?.value ?? 'own';
}

/** What the card and the graph say now; a file without a card is taken as the lab takes it. */
export function cardDraftOf({ summary, card, graph }: ModelDetail): CardDraft {
  const plain = shapeOf(graph?.input ?? null);
  const input = card?.input;
  return {
    name: card?.name ?? summary.name,
    layout: input?.layout ?? plain.layout,
    channels: input?.channels ?? plain.channels,
    height: input?.height ?? plain.height,
    width: input?.width ?? plain.width,
    range: (input?.range ?? [0, 1]).join(', '),
    mean: listed(input?.mean, 0),
    std: listed(input?.std, 1),
    output: card?.output ?? 'logits',
    source: card?.source ?? '',
    licence: card?.licence ?? '',
    classes: card?.classes ?? [],
  };
}

/** Defaults stay unsaid. */
function listed(values: readonly number[] | undefined, plain: number): string {
  return values === undefined || values.every((value) => value === plain) ? '' : values.join(', ');
}

/** What a graph's input shape tells by itself. */
function shapeOf(input: readonly (number | string)[] | null) {
  const [, second, third, last] = input ?? [];
  const isChannels = (extent: unknown) => extent === 1 || extent === 3;
  const nhwc = !isChannels(second) && isChannels(last);
  const [height, width, channels] = nhwc ? [second, third, last] : [third, last, second];
  const pixels = (extent: unknown) => (typeof extent === 'number' ? extent : undefined);
  return {
    layout: nhwc ? ('nhwc' as const) : ('nchw' as const),
    channels: channels === 1 ? ('grey' as const) : ('rgb' as const),
    height: pixels(height),
    width: pixels(width),
  };
}

/** What is wrong with a draft, by field; nothing where it can be tried. The lab checks it against the graph. */
export function cardProblems(
  draft: CardDraft,
  classes: number | undefined,
): Partial<Record<keyof CardDraft, string>> {
  const count = draft.channels === 'grey' ? 1 : 3;
  const range = readNumbers(draft.range);
  const problems: Partial<Record<keyof CardDraft, string>> = {};
  if (range.length !== 2 || !range.every(Number.isFinite)) problems.range = 'Two numbers: black, white';
  else if (range[0]! >= range[1]!) problems.range = 'The first is below the second';
  for (const key of ['mean', 'std'] as const) {
    const values = readNumbers(draft[key]);
    if (values.length === 0) continue;
    if (!values.every(Number.isFinite)) problems[key] = 'Not a number';
    else if (values.length !== count)
      problems[key] = `${count === 1 ? 'One number' : 'Three numbers'}, a channel each`;
    else if (key === 'std' && values.includes(0)) problems.std = 'None may be zero';
  }
  if (classes !== undefined && draft.classes.length > 0 && draft.classes.length !== classes) {
    problems.classes = `${draft.classes.length} classes; the model has ${classes}`;
  }
  return problems;
}

/** The card that a draft without problems stands for. */
export function cardOf(draft: CardDraft): WrittenCard {
  const { name, layout, channels, height, width, output, source, licence, classes } = draft;
  const [low = 0, high = 1] = readNumbers(draft.range);
  const [mean, std] = [readNumbers(draft.mean), readNumbers(draft.std)];
  return {
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    input: {
      layout,
      channels,
      range: [low, high],
      ...(height === undefined ? {} : { height }),
      ...(width === undefined ? {} : { width }),
      ...(mean.length === 0 ? {} : { mean }),
      ...(std.length === 0 ? {} : { std }),
    },
    output,
    ...(source.trim() === '' ? {} : { source: source.trim() }),
    ...(licence.trim() === '' ? {} : { licence: licence.trim() }),
    ...(classes.length === 0 ? {} : { classes: classes.map((entry) => ({ ...entry })) }),
  };
}
