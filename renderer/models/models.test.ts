import { describe, expect, it } from 'vitest';
import type { ModelDetail } from '../../lab/api.ts';
import { cardDraftOf, cardOf, cardProblems, preprocessingOf } from './card-draft.ts';
import { factsOf } from './facts.ts';

const bare: ModelDetail = {
  summary: { id: 'added/a.onnx', name: 'a', file: 'a.onnx', size: 1000, origin: 'added' },
  card: null,
  sha256: 'ab'.repeat(32),
  graph: { input: ['N', 224, 224, 3], parameters: 5, nodes: 2, classes: 2 },
};

describe('the form of a card', () => {
  it('begins with what the graph says, and writes only what was said', () => {
    const draft = cardDraftOf(bare);
    expect(draft).toMatchObject({ layout: 'nhwc', channels: 'rgb', height: 224, width: 224, mean: '' });
    expect(preprocessingOf(draft)).toBe('plain');
    expect(cardOf(draft)).toEqual({
      name: 'a',
      input: { layout: 'nhwc', channels: 'rgb', height: 224, width: 224, range: [0, 1] },
      output: 'logits',
    });
  });

  it('takes a card over and gives it back', () => {
    const card = {
      name: 'A',
      input: {
        layout: 'nchw',
        channels: 'bgr',
        range: [0, 255],
        mean: [104, 117, 123],
        std: [1, 1, 1],
      },
      classes: [{ name: 'x', id: 'n1' }, { name: 'y' }],
      output: 'probabilities',
      licence: 'MIT',
    } as const;
    const draft = cardDraftOf({ ...bare, card, graph: { ...bare.graph!, input: null } });
    expect(preprocessingOf(draft)).toBe('own');
    const { std: _, ...input } = card.input;
    expect(cardOf(draft)).toEqual({ ...card, input });
    expect(cardProblems(draft, 2)).toEqual({});
  });

  it('says what is wrong, by field', () => {
    const draft = {
      ...cardDraftOf(bare),
      range: '1, 0',
      mean: '0.5, x, 1',
      std: '1, 0, 1',
      classes: [{ name: 'x' }],
    };
    expect(Object.keys(cardProblems(draft, 2)).sort()).toEqual(['classes', 'mean', 'range', 'std']);
    expect(cardProblems({ ...draft, range: '0', mean: '1', std: '', classes: [] }, 2)).toEqual({
      range: 'Two numbers: black, white',
      mean: 'Three numbers, a channel each',
    });
  });
});

it('a model’s facts are what card and graph say, with the accuracy’s interval and count', () => {
  expect(factsOf(bare).map(({ name }) => name)).toEqual(['Takes', 'Classes', 'Graph', 'File', 'SHA-256']);
  const accuracy = { split: 'test', share: 0.9933, low: 0.9915, high: 0.9947, images: 10000 };
  const training = { data: 'mnist', recipe: 'r', seed: 1, epochs: 3, accuracy, provider: 'CPU', sha256: '' };
  const input = { layout: 'nchw', channels: 'grey', range: [0, 1], mean: [0.5], std: [2] } as const;
  const facts = factsOf({ ...bare, card: { name: 'A', input, output: 'logits', training } });
  const text = (name: string) => facts.find((fact) => fact.name === name)?.text;
  expect(text('Accuracy')).toBe('99.3% ±0.2 (9,933/10,000) on the test part of mnist');
  expect(text('Prepared')).toBe('grey in [0, 1]; minus 0.5; over 2; NCHW');
});
