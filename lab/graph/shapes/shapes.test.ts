import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../evaluate/index.ts';
import { floats, given, int, ints } from '../evaluate/testing/case.ts';
import { graphOf, type Line } from '../evaluate/testing/graph.ts';
import type { Dim, Tensor } from '../ir.ts';
import { inferShapes } from './index.ts';

/** The shape of `y`. */
function shapeOf(
  shape: Dim[] | null,
  constants: Record<string, Tensor>,
  lines: Line[],
): readonly Dim[] | null | undefined {
  const graph = graphOf(shape, constants, lines);
  inferShapes(graph);
  return graph.types.get('y')?.shape;
}

describe('inferShapes', () => {
  it('expands a token over a batch by the pattern that torch exports', () => {
    const shape = shapeOf(
      ['N', 3],
      {
        zero: int(0),
        front: ints(0),
        rest: ints(1, 5),
        minus: ints(-1, -1, -1),
        token: floats(1, 1, 5),
        ones: ints(1, 1, 1),
      },
      [
        ['Shape', 'x', 's'],
        ['Gather', 's zero', 'b'],
        ['Unsqueeze', 'b front', 'b1'],
        ['Concat', 'b1 rest', 'wanted', { axis: 0 }],
        ['Equal', 'wanted minus', 'open'],
        ['Where', 'open ones wanted', 'target'],
        ['Expand', 'token target', 'y'],
      ],
    );
    expect(shape).toEqual(['N', 1, 5]);
  });

  it('settles by the element count what a target leaves open', () => {
    expect(shapeOf(['N', 6, 4], { t: ints(-1, 8) }, [['Reshape', 'x t', 'y']])).toEqual(['3*N', 8]);
    expect(shapeOf(['N', 'H', 4], { t: ints(0, 0, 2, -1) }, [['Reshape', 'x t', 'y']])).toEqual([
      'N',
      'H',
      2,
      2,
    ]);
    const pooled: Line[] = [
      ['Shape', 'x', 's'],
      ['ReduceProd', 's', 'count', { keepdims: 1 }],
      ['Reshape', 'x count', 'y'],
    ];
    expect(shapeOf(['N', 6], {}, pooled)).toEqual(['6*N']);
  });

  it('follows extents through floats as float32 rounds them', () => {
    const lines: Line[] = [
      ['Shape', 'x', 's', { start: 1 }],
      ['Cast', 's', 'f', { to: 1 }],
      ['Mul', 'f scale', 'm'],
      ['Floor', 'm', 'r'],
      ['Cast', 'r', 't', { to: 7 }],
      ['ConstantOfShape', 't', 'y'],
    ];
    // In float64, 10 times float32's 0.7 is just below 7.
    const constants = { scale: given([1], 0.7) };
    const shape = shapeOf(['N', 10], constants, lines);
    expect(shape).toEqual(
      evaluateGraph(graphOf([1, 10], constants, lines), { x: floats(1, 10) }).get('y')!.dims,
    );
    expect(shape).toEqual([7]);
  });

  it('knows pads that are put together from constants of higher rank', () => {
    const lines: Line[] = [
      ['Concat', 'pads zeros', 'all', { axis: 0 }],
      ['Reshape', 'all pairs', 'rows'],
      ['Slice', 'rows last first front back', 'turned'],
      ['Transpose', 'turned', 'columns', { perm: [1, 0] }],
      ['Reshape', 'columns flat', 'final'],
      ['Pad', 'x final', 'y'],
    ];
    const constants = {
      pads: ints(0, 3, 1, 2),
      zeros: ints(0, 0),
      pairs: ints(-1, 2),
      last: ints(-1),
      first: ints(-(2 ** 62)),
      front: ints(0),
      back: ints(-1),
      flat: ints(-1),
    };
    expect(shapeOf(['N', 5, 5], constants, lines)).toEqual(['N', 8, 8]);
  });

  it('keeps a symbolic extent only where it is surely the same', () => {
    const w = { w: floats(2, 3, 3, 3) };
    expect(shapeOf(['N', 3, 'H', 'W'], w, [['Conv', 'x w', 'y', { pads: [1, 0, 1, 1] }]])).toEqual([
      'N',
      2,
      'H',
      expect.stringMatching(/^\?/),
    ]);
    const [a, b] = shapeOf(['A', 'B'], {}, [
      ['Transpose', 'x', 't'],
      ['Add', 'x t', 'y'],
    ])!;
    expect([a, b]).toEqual([expect.stringMatching(/^\?/), expect.stringMatching(/^\?/)]);
    expect(a).not.toBe(b);
  });

  it.each<[string, Dim[], Record<string, Tensor>, Line, RegExp]>([
    [
      'channels',
      ['N', 4, 8, 8],
      { w: floats(2, 3, 3, 3) },
      ['Conv', 'x w', 'y'],
      /Channels.*4 and 3.*Conv.*node_0/,
    ],
    [
      'a window too large',
      ['N', 3, 2, 2],
      { w: floats(2, 3, 3, 3) },
      ['Conv', 'x w', 'y'],
      /window of 3.*extent of 2/,
    ],
    ['broadcasting', ['N', 3], { w: floats(2) }, ['Add', 'x w', 'y'], /\[N, 3\] and \[2\] don't broadcast/],
    ['types', ['N', 3], { w: ints(2) }, ['Add', 'x w', 'y'], /float32 and int64/],
    ['inner extents', ['N', 3], { w: floats(4, 2) }, ['MatMul', 'x w', 'y'], /3 and 4.*MatMul/],
    [
      'an element count',
      [2, 3],
      { w: ints(4, 2) },
      ['Reshape', 'x w', 'y'],
      /\[2, 3\] can't be reshaped to \[4, 2\]/,
    ],
    ['an axis', ['N', 3], {}, ['Softmax', 'x', 'y', { axis: 2 }], /Axis 2.*rank 2/],
    ['an unknown operator', ['N', 3], {}, ['Frobnicate', 'x', 'y'], /not supported.*Frobnicate.*node_0/],
    ['an undefined value', ['N', 3], {}, ['Relu', 'z', 'y'], /'z' is not known/],
  ])('refuses %s, naming the node', (_, shape, constants, line, message) => {
    expect(() => inferShapes(graphOf(shape, constants, [line]))).toThrow(message);
  });
});

describe('evaluateGraph', () => {
  it('gives a float64 reference: weights, attributes and casts are widened', () => {
    const lines: Line[] = [
      ['ConstantOfShape', 'two', 'tenths', { value: given([1], 0.1) }],
      ['Cast', 'x', 'f', { to: 1 }],
      ['Mul', 'f w', 'm'],
      ['Add', 'm tenths', 'y'],
    ];
    const graph = graphOf([2], { two: ints(2), w: given([2], 1e-9, 3) }, lines);
    const x: Tensor = { dtype: 'float64', dims: [2], data: Float64Array.of(1, 1e-12) };
    const y = evaluateGraph(graph, { x }, { float64: true, fetches: ['y'] }).get('y')!;
    const tenth = Math.fround(0.1);
    expect(y.dtype).toBe('float64');
    expect([...y.data]).toEqual([Math.fround(1e-9) + tenth, 3e-12 + tenth]);
  });

  it('names a feed that is missing', () => {
    expect(() => evaluateGraph(graphOf([2], {}, [['Relu', 'x', 'y']]), {})).toThrow(/'x' was not fed/);
  });
});
