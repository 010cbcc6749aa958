import { describe, expect, it } from 'vitest';
import { copyGraph } from '../copy.ts';
import { evaluateGraph } from '../evaluate/index.ts';
import { floats, given, ints } from '../evaluate/testing/case.ts';
import { graphOf, type Line } from '../evaluate/testing/graph.ts';
import { inferShapes } from '../shapes/index.ts';
import { numbersOf } from '../tensors.ts';
import { recognisePatterns } from './index.ts';

/** Spelled-out composites become one operator that computes the same; near misses stay as they are. */

const x = floats(2, 3, 8);

function recognised(constants: Parameters<typeof graphOf>[1], lines: readonly Line[]) {
  const before = graphOf(['N', 3, 8], constants, lines);
  inferShapes(before);
  const after = copyGraph(before);
  recognisePatterns(after);
  const values = [before, after].map((graph) => evaluateGraph(graph, { x }, { float64: true }).get('y')!);
  const [a, b] = values.map((tensor) => Array.from(numbersOf(tensor), Number));
  expect(b!.length).toBe(a!.length);
  a!.forEach((value, i) => {
    expect(b![i]).toBeCloseTo(value, 6);
  });
  return after.nodes.map((node) => node.op);
}

const norm = (axis: number, square: Line): Line[] => [
  ['ReduceMean', 'x axis', 'mean'],
  ['Sub', 'x mean', 'centred'],
  square,
  ['ReduceMean', 'squared axis', 'variance'],
  ['Add', 'variance epsilon', 'shifted'],
  ['Sqrt', 'shifted', 'deviation'],
  ['Div', 'centred deviation', 'normal'],
  ['Mul', 'normal scale', 'scaled'],
  ['Add', axis === 1 ? 'scaled bias' : 'bias scaled', 'y'],
];
const power: Line = ['Pow', 'centred two', 'squared'];
const weights = { epsilon: given([], 1e-5), two: given([], 2), scale: floats(8), bias: floats(8) };

describe('recognisePatterns', () => {
  it('finds layer normalisation, however the square is written', () => {
    expect(recognised({ ...weights, axis: ints(-1) }, norm(2, power))).toEqual(['LayerNormalization']);
    const product: Line = ['Mul', 'centred centred', 'squared'];
    expect(recognised({ ...weights, axis: ints(2) }, norm(2, product))).toEqual(['LayerNormalization']);
  });

  it('leaves a normalisation over another axis, and one whose power is not two', () => {
    const over1 = { ...weights, axis: ints(1), scale: floats(8), bias: floats(8) };
    expect(recognised(over1, norm(1, power))).not.toContain('LayerNormalization');
    const fourth = { ...weights, axis: ints(-1), two: given([], 4) };
    expect(recognised(fourth, norm(2, power))).not.toContain('LayerNormalization');
  });

  it('finds Gelu in each order of its factors', () => {
    const constants = {
      root: given([], Math.SQRT2),
      factor: given([], Math.SQRT1_2),
      one: given([], 1),
      half: given([], 0.5),
    };
    const gate: Line[] = [
      ['Div', 'x root', 'over'],
      ['Erf', 'over', 'erf'],
      ['Add', 'erf one', 'sum'],
    ];
    const orders: Line[][] = [
      [...gate, ['Mul', 'x sum', 'product'], ['Mul', 'product half', 'y']],
      [...gate, ['Mul', 'x half', 'product'], ['Mul', 'product sum', 'y']],
      [...gate, ['Mul', 'half sum', 'product'], ['Mul', 'x product', 'y']],
      [
        ['Mul', 'x factor', 'over'],
        ['Erf', 'over', 'erf'],
        ['Add', 'one erf', 'sum'],
        ['Mul', 'x sum', 'product'],
        ['Mul', 'half product', 'y'],
      ],
    ];
    for (const lines of orders) expect(recognised(constants, lines)).toEqual(['Gelu']);
  });

  it('leaves a gate with another argument or factor', () => {
    const constants = { root: given([], 1.5), one: given([], 1), half: given([], 0.5) };
    const lines: Line[] = [
      ['Div', 'x root', 'over'],
      ['Erf', 'over', 'erf'],
      ['Add', 'erf one', 'sum'],
      ['Mul', 'x sum', 'product'],
      ['Mul', 'product half', 'y'],
    ];
    expect(recognised(constants, lines)).not.toContain('Gelu');
  });

  it('makes a Split of slices that part a value, and leaves slices that overlap', () => {
    const cuts = (middle: number): [Parameters<typeof graphOf>[1], Line[]] => [
      { zero: ints(0), at: ints(middle), three: ints(3), end: ints(1000), axis: ints(-1) },
      [
        ['Slice', 'x zero three axis', 'a'],
        ['Slice', 'x at end axis', 'b'],
        ['Concat', 'b a', 'y', { axis: 2 }],
      ],
    ];
    expect(recognised(...cuts(3))).toEqual(['Split', 'Concat']);
    expect(recognised(...cuts(2))).toEqual(['Slice', 'Slice', 'Concat']);
  });
});
