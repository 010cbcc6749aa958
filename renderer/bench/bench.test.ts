import { describe, expect, it } from 'vitest';
import type { Recipe, RunDetail, RunOutcomes } from '../../lab/api.ts';
import { chosenPlugin } from '../experiments/plugins.ts';
import { draftAttack, draftOf, draftProblems, fileWord, firstDraft, recipeOf } from './draft.ts';
import { fittingZoom, galleryImages, passes, steppedZoom } from './gallery.ts';
import { draftText, readDraft } from './kept-draft.ts';

describe('a draft', () => {
  it('becomes a recipe of what was chosen and nothing else', () => {
    const attacks = [
      draftAttack('bim', {
        values: { alpha: 1 / 255, epsilon: 0.1 },
        curve: 'epsilon',
        curveValues: '8 / 255, 0.1',
        target: ' stop ',
      }),
    ];
    const defenses = [
      [chosenPlugin('jpeg')],
      [chosenPlugin('bit-depth', { bits: 3 })],
      [chosenPlugin('median'), chosenPlugin('jpeg', { quality: 40 })],
    ];
    const chosen = { attacks, defenses, prefilter: 0.5, shuffle: undefined };
    const draft = { ...firstDraft(), name: 'Schöne Schilder!', ...chosen };
    expect(recipeOf(draft)).toEqual({
      name: 'Schone-Schilder',
      seed: 0,
      model: 'signs-residual',
      data: { set: 'signs', split: 'test', count: 24 },
      selection: { prefiltered: 0.5 },
      attacks: [
        { attack: 'bim', set: { alpha: 1 / 255 }, each: { epsilon: ['8/255', '0.1'] }, target: 'stop' },
      ],
      defenses: [
        'jpeg',
        { defense: 'bit-depth', set: { bits: 3 } },
        ['median', { defense: 'jpeg', set: { quality: 40 } }],
      ],
    });
  });

  it('takes a recipe over and gives it back', () => {
    const recipe = {
      name: 'demo',
      seed: 3,
      model: 'a',
      others: ['b'],
      data: { folder: 'images', shuffle: 2 },
      selection: 'average',
      attacks: [
        {
          attack: 'eot',
          set: { epsilon: '8/255', loss: 'margin' },
          channel: { name: 'c', set: { views: 2 } },
        },
        { attack: 'fgsm', set: {}, each: { epsilon: ['2/255', 0.5] } },
      ],
      defenses: [[{ defense: 'jpeg', set: { quality: 50 } }], [{ defense: 'median', set: {} }]],
      compare: ['fgsm', 'eot'],
      sheet: { paper: 'a4' },
      captures: [{ webcam: true }],
    } as unknown as Recipe;
    const draft = draftOf(recipe);
    expect(draft.attacks[0]!.values).toEqual({ epsilon: 8 / 255, loss: 'margin' });
    expect(recipeOf(draft)).toEqual({
      name: 'demo',
      seed: 3,
      model: 'a',
      others: ['b'],
      data: { folder: 'images', shuffle: 2 },
      attacks: [
        {
          attack: 'eot',
          set: { epsilon: 8 / 255, loss: 'margin' },
          channel: { name: 'c', set: { views: 2 } },
        },
        { attack: 'fgsm', each: { epsilon: ['2/255', '0.5'] } },
      ],
      defenses: [{ defense: 'jpeg', set: { quality: 50 } }, 'median'],
      compare: ['fgsm', 'eot'],
      sheet: { paper: 'a4' },
      captures: [{ webcam: true }],
    });
    // A headline about an attack that was taken out would be refused.
    draft.attacks.pop();
    expect(recipeOf(draft)).not.toHaveProperty('compare', expect.anything());
  });

  it('says what is missing', () => {
    expect(draftProblems(firstDraft())).toEqual([]);
    const attacks = [draftAttack('bim', { curve: 'epsilon', curveValues: '1, a/b' })];
    expect(draftProblems({ ...firstDraft(), model: '', source: 'folder', attacks })).toEqual([
      'Choose a model',
      'Name a folder of images',
      'bim: ‘a/b’ is no value of epsilon',
    ]);
    expect(draftProblems({ ...firstDraft(), attacks: [] })).toEqual(['Add an attack']);
  });

  it('outlives its page as text, and what is no draft is none', () => {
    const attacks = [
      draftAttack('eot-pgd', { channel: 'jpeg', channelValues: { quality: 9 }, values: { a: true } }),
    ];
    const rest = { compare: ['bim', 'fgsm'] as [string, string], captures: [{ webcam: true as const }] };
    const defenses = [[chosenPlugin('median'), chosenPlugin('jpeg', { quality: 40 })]];
    const draft = {
      ...firstDraft(),
      source: 'folder' as const,
      folder: '',
      count: undefined,
      attacks,
      defenses,
      rest,
    };
    const read = readDraft(draftText(draft))!;
    expect(recipeOf(read)).toEqual(recipeOf(draft));
    expect(read.attacks[0]!.key).not.toBe(attacks[0]!.key);
    const { name: _, ...nameless } = JSON.parse(draftText(draft)).draft;
    const texts = [
      null,
      '',
      '{',
      '3',
      draftText(draft).replace('1', '2'),
      JSON.stringify({ version: 1, draft: nameless }),
    ];
    expect(texts.map(readDraft)).toEqual(texts.map(() => undefined));
  });

  it('has a name that a folder can have', () => {
    expect(['a b/c', '..', '', '-x-', 'Ü'].map(fileWord)).toEqual(['a-b-c', 'run', 'run', 'x', 'U']);
  });
});

describe('the gallery', () => {
  const verdict = (rank: number) => ({ predicted: 0, confidence: 0.5, rank });
  const image = (source: number, rank: number) => ({ source, label: 0, file: verdict(rank), photos: [] });
  const model = (name: string, source: boolean, ranks: number[]) => ({
    model: name,
    source,
    clean: { variant: 'clean', images: [image(0, 0), image(1, 0), image(2, 3)] },
    adversarial: [{ variant: 'fgsm', images: ranks.map((rank, i) => image(i, rank)) }],
  });
  const detail = {
    sources: ['a', 'b', 'c', 'd'].map((name) => ({ name, label: 0 })),
    variants: [{ key: 'fgsm', done: 3 }],
  } as unknown as RunDetail;
  const outcomes = {
    models: [model('own', true, [1, 0, 2]), model('other', false, [0, 0, 0])],
  } as unknown as RunOutcomes;
  const sources = (filter: Parameters<typeof passes>[1], of?: string) =>
    galleryImages(detail, outcomes, 'fgsm', of)
      .filter((each) => passes(each, filter))
      .map(({ source }) => source);

  it('is filtered by what the chosen model makes of both versions', () => {
    expect(sources('all')).toEqual([0, 1, 2, 3]);
    expect(sources('fooled')).toEqual([0]);
    expect(sources('stood')).toEqual([1]);
    expect(sources('mistaken')).toEqual([2]);
    expect(sources('fooled', 'other')).toEqual([]);
  });

  it('knows what is made before anything is classified', () => {
    const images = galleryImages(detail, null, 'fgsm');
    expect(images.map(({ made }) => made)).toEqual([true, true, true, false]);
    expect(images.every((each) => each.clean === undefined)).toBe(true);
  });

  it('zooms by whole numbers', () => {
    expect([28, 64, 224, 5000].map((longest) => fittingZoom(128, longest))).toEqual([4, 2, 0.5, 0.125]);
    expect([steppedZoom(1, 1), steppedZoom(1, -1), steppedZoom(24, 1)]).toEqual([2, 0.5, 24]);
  });
});
