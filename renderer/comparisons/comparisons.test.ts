import { describe, expect, it } from 'vitest';
import type { Comparison, ModelSummary } from '../../lab/api.ts';
import { chosenAttack } from '../experiments/plugins.ts';
import { defenceBars, defenceCsv, defenceLines } from './defences.ts';
import {
  defendDraftOf,
  defendInput,
  firstDefend,
  firstTransfer,
  transferDraftOf,
  transferInput,
  transferProblems,
} from './draft.ts';
import { modelWord, sourceMisfit, targetMisfit } from './fit.ts';
import { detailWords, matrixCsv, matrixOf, shadeOf, spentWords, valuesWords } from './matrix.ts';

const rate = (successes: number, n: number) => ({
  successes,
  n,
  share: n === 0 ? 0 : successes / n,
  low: 0,
  high: 1,
});
const kept = { version: 1, id: 'x', title: 'x', created: '2026-01-01T00:00:00Z' } as const;

const model = (given: Partial<ModelSummary>): ModelSummary => ({
  id: 'shipped/a.onnx',
  name: 'a',
  file: 'a.onnx',
  size: 1,
  origin: 'shipped',
  ...given,
});

describe('forms', () => {
  it('ask for what was chosen, and come back from what was asked', () => {
    const attacks = [
      chosenAttack('pgd', { values: { epsilon: 0.1 } }),
      chosenAttack('eot-pgd', { channel: 'jpeg', channelValues: { quality: 50 } }),
    ];
    const draft = { ...firstTransfer(), attacks, title: ' ' };
    const input = transferInput(draft);
    expect(input).toEqual({
      sources: ['signs-plain'],
      targets: ['signs-plain', 'signs-residual', 'signs-separable'],
      attacks: [
        { name: 'pgd', set: { epsilon: 0.1 } },
        { name: 'eot-pgd', set: {}, channel: { name: 'jpeg', set: { quality: 50 } } },
      ],
      data: { set: 'signs', split: 'test', count: 40, shuffle: 1 },
      seed: 0,
    });
    expect(transferInput(transferDraftOf(input as never))).toEqual(input);
    const defence = defendInput({ ...firstDefend(), attack: attacks[1]! });
    expect(defence.attack.channel).toEqual({ name: 'jpeg', set: { quality: 50 } });
    expect(defence.chains).toHaveLength(3);
    expect(defendInput(defendDraftOf(defence as never))).toEqual(defence);
  });

  it('say what is missing', () => {
    const images = { ...firstTransfer().images, source: 'folder' as const, folder: ' ' };
    expect(transferProblems({ ...firstTransfer(), sources: [], images })).toEqual([
      'Choose a model to make the examples on',
      'Name a folder of images',
    ]);
  });
});

describe('models for a data set', () => {
  const shape = { width: 32, height: 32, channels: 3, classes: 43 };

  it('fit by size as sources, by classes and colours as targets; what no card says is let through', () => {
    const larger = model({ width: 64, height: 64, channels: 'bgr', classes: 43 });
    expect(sourceMisfit(larger, shape)).toMatch(/64×64.*32×32/);
    expect(targetMisfit(larger, shape)).toBeUndefined();
    expect(targetMisfit(model({ classes: 10 }), shape)).toMatch(/10 classes.*43/);
    expect(targetMisfit(model({ channels: 'grey' }), shape)).toMatch(/grey/);
    expect(sourceMisfit(model({}), shape)).toBeUndefined();
    expect(sourceMisfit(model({ classes: 10 }), undefined)).toBeUndefined();
    expect(targetMisfit(model({ problem: 'no card' }), undefined)).toBe('no card');
  });

  it('are called by name, and by id where two have it', () => {
    const one = model({ name: 'A model' });
    const two = model({ id: 'added/a.onnx' });
    expect(modelWord(one, [one])).toBe('a');
    expect(modelWord(two, [one, two])).toBe('added/a.onnx');
  });
});

const cell = (source: string, variant: string, target: string, successes: number) => ({
  source,
  variant,
  target,
  fooled: rate(successes, 8),
  fooledOfSource: rate(0, 0),
});

const transfer: Extract<Comparison, { kind: 'transfer' }> = {
  ...kept,
  kind: 'transfer',
  request: {
    sources: ['a', 'b'],
    targets: ['b', 'a'],
    attacks: [
      { name: 'pgd', set: { epsilon: 8 / 255 } },
      { name: 'pgd', set: {} },
    ],
    data: { set: 'signs', split: 'test', count: 8 },
    seed: 0,
  },
  result: {
    images: 8,
    cells: ['a', 'b'].flatMap((source) =>
      ['pgd epsilon=0.03', 'pgd '].flatMap((variant) => [
        cell(source, variant, 'b', 2),
        cell(source, variant, 'a', 8),
      ]),
    ),
    spent: [{ source: 'a', variant: 'pgd ', gradients: 80, queries: 8 }],
  },
};

describe('the matrix', () => {
  const units = {
    epsilon: { type: 'number', unit: 'intensity', default: 0, min: 0, max: 1, help: '' },
  } as const;

  it('has a row for each source and attack, in words, and columns in the order of the targets', () => {
    const { rows } = matrixOf(transfer, { attack: () => units, channel: () => undefined });
    expect(rows.map(({ source, attack, span }) => [source, attack, span])).toEqual([
      ['a', 'pgd, epsilon 8/255', 2],
      ['a', 'pgd', 0],
      ['b', 'pgd, epsilon 8/255', 2],
      ['b', 'pgd', 0],
    ]);
    expect(rows[0]!.cells.map((each) => [each?.target, each?.fooled.successes])).toEqual([
      ['b', 2],
      ['a', 8],
    ]);
    expect(rows[1]!.spent).toBe('10 gradients, 1 query');
    expect(matrixOf({ ...transfer, result: undefined }).rows).toEqual([]);
  });

  it('is saved a cell a line; a cell without images has no share', () => {
    const [head, first, ...rest] = matrixCsv(matrixOf(transfer));
    expect(rest).toHaveLength(7);
    expect(first).toHaveLength(head!.length);
    expect(first!.slice(2, 9)).toEqual(['b', 'no', 0.25, 0, 1, 2, 8]);
    expect(first!.slice(9)).toEqual([null, null, null, 0, 0]);
  });

  it('is shaded by value, and not where there is none', () => {
    expect([shadeOf(rate(8, 8)), shadeOf(rate(0, 8)), shadeOf({ ...rate(0, 0), share: 1 })]).toEqual([
      42, 0, 0,
    ]);
    expect(detailWords({ ...rate(2, 8), low: 0.1, high: 0.5 })).toBe('±20.0 (2/8)');
    expect(detailWords(rate(0, 0))).toBe('no image');
    expect(spentWords({ gradients: 0, queries: 5 }, 4)).toBe('1.25 queries');
    expect(valuesWords({ a: true, b: false, c: 'linf', d: 0.1 })).toBe('a, no b, c linf, d 0.1');
  });
});

describe('the table of defences', () => {
  const row = (chain: number | undefined, aware: boolean, successes: number) => ({
    ...(chain === undefined ? {} : { chain }),
    aware,
    clean: rate(8, 8),
    adversarial: rate(successes, 8),
    gradients: 16,
    queries: 0,
    warnings: [],
  });
  const defend: Extract<Comparison, { kind: 'defend' }> = {
    ...kept,
    kind: 'defend',
    request: {
      model: 'a',
      attack: { name: 'pgd', set: {} },
      chains: [
        [{ name: 'jpeg', set: {} }],
        [
          { name: 'jpeg', set: { quality: 20 } },
          { name: 'median', set: {} },
        ],
      ],
      through: true,
      data: { set: 'signs', split: 'test', count: 8 },
      seed: 0,
    },
    result: {
      images: 8,
      rows: [row(undefined, false, 0), row(0, false, 6), row(0, true, 1), row(1, false, 7)],
    },
  };

  it('says for each row which defence and how the attack stands to it', () => {
    const lines = defenceLines(defend);
    expect(lines.map(({ stance, words }) => [stance, words])).toEqual([
      ['without', ''],
      ['behind', 'jpeg'],
      ['through', 'jpeg'],
      ['behind', 'jpeg (quality 20), then median'],
    ]);
    const bars = defenceBars(lines, 'adversarial').map(({ name }) => name);
    expect(bars).toEqual(['no defence', 'behind\njpeg', 'through\njpeg', 'behind\njpeg + median']);
    expect(defenceBars(lines, 'clean').map(({ name }) => name)).toEqual([
      'no defence',
      'jpeg',
      'jpeg + median',
    ]);
    expect(defenceCsv(lines)[2]).toEqual(['jpeg', 'no', 1, 0, 1, 8, 8, 0.75, 0, 1, 6, 8, '2 gradients']);
  });
});
