import type { ModelDetail, ModelSummary } from '../../lab/api.ts';
import { counted, fileSize, percent } from '../words.ts';

/** A line of a model's card. */
export interface Fact {
  readonly name: string;
  readonly text: string;
  /** In full, on hover. */
  readonly whole?: string;
}

const colours = { rgb: 'RGB', bgr: 'BGR', grey: 'grey' } as const;

export const originWords: Readonly<Record<ModelSummary['origin'], string>> = {
  shipped: 'ships with Halftone',
  added: 'added',
  plugin: 'from a plugin',
};

/** Everything that card and graph say of a model, a line each; what nobody said is left out. */
export function factsOf({ summary, card, graph, sha256 }: ModelDetail): Fact[] {
  const size = sizeWords(summary, graph);
  const training = card?.training;
  return [
    ...(size === '' ? [] : [{ name: 'Takes', text: size }]),
    ...(card === null ? [] : [{ name: 'Prepared', text: preparedWords(card.input) }]),
    ...(graph?.classes === undefined ? [] : [classesFact(card?.classes, graph.classes)]),
    ...(card?.output === 'probabilities' ? [{ name: 'Gives', text: 'probabilities' }] : []),
    ...(graph === null
      ? []
      : [
          {
            name: 'Graph',
            text: `${counted(graph.parameters, 'parameter')} in ${counted(graph.nodes, 'operator')}`,
          },
        ]),
    ...(training === undefined ? [] : trainingFacts(training)),
    ...(card?.source === undefined ? [] : [{ name: 'Source', text: card.source }]),
    ...(card?.licence === undefined ? [] : [{ name: 'Licence', text: card.licence }]),
    {
      name: 'File',
      text: [summary.file, fileSize(summary.size), originWords[summary.origin]].filter(Boolean).join(', '),
    },
    ...(sha256 === '' ? [] : [{ name: 'SHA-256', text: `${sha256.slice(0, 16)}…`, whole: sha256 }]),
  ];
}

function sizeWords({ width, height, channels }: ModelSummary, graph: ModelDetail['graph']): string {
  if (width !== undefined && height !== undefined) {
    return `${width}×${height}${channels === undefined ? '' : `, ${colours[channels]}`}`;
  }
  return graph?.input?.join('×') ?? '';
}

type CardInput = NonNullable<ModelDetail['card']>['input'];

/** How images are made the model's own: `RGB in [0, 1], minus 0.485 …, over 0.229 …, NCHW`. */
export function preparedWords({ layout, channels, range, mean, std }: CardInput): string {
  const moved = mean.some((value) => value !== 0) ? [`minus ${mean.join(', ')}`] : [];
  const scaled = std.some((value) => value !== 1) ? [`over ${std.join(', ')}`] : [];
  return [`${colours[channels]} in [${range.join(', ')}]`, ...moved, ...scaled, layout.toUpperCase()].join(
    '; ',
  );
}

function classesFact(names: readonly { readonly name: string }[] | undefined, count: number): Fact {
  if (names === undefined) return { name: 'Classes', text: `${count}, without names` };
  const few = names.slice(0, 4).map(({ name }) => name);
  const text = `${names.length}: ${few.join(', ')}${names.length > few.length ? ' …' : ''}`;
  return { name: 'Classes', text, whole: names.map(({ name }, i) => `${i} ${name}`).join('\n') };
}

type Training = NonNullable<NonNullable<ModelDetail['card']>['training']>;

function trainingFacts({ data, recipe, seed, epochs, defense, accuracy, provider }: Training): Fact[] {
  const { split, share, low, high, images } = accuracy;
  const half = (50 * (high - low)).toFixed(1);
  const count = `${Math.round(share * images).toLocaleString('en')}/${images.toLocaleString('en')}`;
  return [
    { name: 'Accuracy', text: `${percent(share)} ±${half} (${count}) on the ${split} part of ${data}` },
    { name: 'Trained', text: `${recipe}, seed ${seed}, ${counted(epochs, 'epoch')}, on ${provider}` },
    ...(defense === undefined ? [] : [{ name: 'Defence', text: defense.name }]),
  ];
}
