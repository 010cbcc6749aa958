import { describe, expect, it } from 'vitest';
import { evaluateGraph } from './evaluate/index.ts';
import { floats, int, ints } from './evaluate/testing/case.ts';
import { graphOf, type Line } from './evaluate/testing/graph.ts';
import { foldConstants, removeDeadNodes } from './fold.ts';
import type { Graph } from './ir.ts';
import { numbersOf } from './tensors.ts';

function constant(graph: Graph, name: string): number[] {
  return Array.from(numbersOf(graph.initializers.get(name)!));
}

const ops = (graph: Graph) => graph.nodes.map(({ op }) => op);

/** Windows of 2 × 2 of an 8 × 8 image, as exporters write `x.view(B, H // 2, 2, W // 2, 2, C)`, and back. */
function windowed(): Graph {
  return graphOf(
    ['N', 8, 8, 3],
    { zero: int(0), one: int(1), two: int(2), three: int(3), front: ints(0), two1: ints(2), open: ints(-1) },
    [
      ['Shape', 'x', 'shape'],
      ['Gather', 'shape zero', 'batch', { axis: 0 }],
      ['Gather', 'shape one', 'height', { axis: 0 }],
      ['Gather', 'shape three', 'channels', { axis: 0 }],
      ['Div', 'height two', 'half'],
      ['Unsqueeze', 'batch front', 'batch1'],
      ['Unsqueeze', 'half front', 'half1'],
      ['Unsqueeze', 'channels front', 'channels1'],
      ['Concat', 'batch1 half1 two1 half1 two1 channels1', 'target', { axis: 0 }],
      ['Reshape', 'x target', 'split'],
      ['Transpose', 'split', 'swapped', { perm: [0, 1, 3, 2, 4, 5] }],
      ['Mul', 'half half', 'windows'],
      ['Mul', 'batch windows', 'all'],
      ['Unsqueeze', 'all front', 'all1'],
      ['Concat', 'all1 open channels1', 'target2', { axis: 0 }],
      ['Reshape', 'swapped target2', 'tokens'],
      ['Shape', 'tokens', 'shape2'],
      ['Gather', 'shape2 zero', 'stacked', { axis: 0 }],
      ['Div', 'stacked windows', 'batchAgain'],
      ['Unsqueeze', 'batchAgain front', 'batchAgain1'],
      ['Concat', 'batchAgain1 open', 'target3', { axis: 0 }],
      ['Reshape', 'tokens target3', 'y'],
    ],
  );
}

describe('foldConstants', () => {
  it('leaves nothing of the shape arithmetic around reshapes, with a batch that is a symbol', () => {
    const graph = windowed();
    const feeds = { x: floats(2, 8, 8, 3) };
    const before = evaluateGraph(graph, feeds).get('y')!;
    foldConstants(graph);
    expect(ops(graph)).toEqual(['Reshape', 'Transpose', 'Reshape', 'Reshape']);
    expect(graph.nodes.flatMap(({ inputs }) => inputs.slice(1)).map((name) => constant(graph, name))).toEqual(
      [
        [-1, 4, 2, 4, 2, 3],
        [-1, 4, 3],
        [-1, 192],
      ],
    );
    expect(graph.types.get('tokens')).toEqual({ dtype: 'float32', shape: ['16*N', 4, 3] });
    expect(graph.types.get('y')).toEqual({ dtype: 'float32', shape: ['N', 192] });
    expect(evaluateGraph(graph, feeds).get('y')).toEqual(before);
  });

  it('drops what changes nothing, and keeps the names of the outputs', () => {
    const graph = graphOf(['N', 4], { shape: ints(0, 4), pads: ints(0, 0, 0, 0) }, [
      ['Identity', 'x', 'a'],
      ['Dropout', 'a', 'b'],
      ['Reshape', 'b shape', 'c'],
      ['Pad', 'c pads', 'd'],
      ['Cast', 'd', 'e', { to: 1 }],
      ['Relu', 'e', 'f'],
      ['Identity', 'f', 'y'],
    ]);
    foldConstants(graph);
    expect(graph.nodes.map(({ op, inputs, outputs }) => [op, ...inputs, ...outputs])).toEqual([
      ['Relu', 'x', 'f'],
      ['Identity', 'f', 'y'],
    ]);
    expect(graph.initializers.size).toBe(0);
  });

  it('folds no result that grows beyond the limit, and nothing that reads a kept initializer', () => {
    const lines: Line[] = [
      ['Tile', 'w repeats', 'wide'],
      ['Transpose', 'w', 'turned', { perm: [1, 0] }],
      ['MatMul', 'x turned', 'product'],
      ['Add', 'product wide', 'y'],
    ];
    const make = () =>
      graphOf(
        ['N', 3],
        { w: floats(2, 3), repeats: ints(1, 2) },
        lines.with(3, ['Concat', 'product wide', 'y', { axis: 1 }]),
      );
    const fixed = () => {
      const graph = make();
      graph.inputs[0] = { name: 'x', dtype: 'float32', shape: [2, 3] };
      return graph;
    };
    const limited = fixed();
    foldConstants(limited, { limit: 8 });
    expect(ops(limited)).toEqual(['Tile', 'MatMul', 'Concat']);
    const training = fixed();
    foldConstants(training, { keep: ['w'] });
    expect(ops(training)).toEqual(['Tile', 'Transpose', 'MatMul', 'Concat']);
    const all = fixed();
    foldConstants(all);
    expect(ops(all)).toEqual(['MatMul', 'Concat']);
  });

  it('writes a slice to the end of the batch, and sizes of a Resize as scales', () => {
    const graph = graphOf(
      ['N', 2, 3, 5],
      { front: ints(0), one: ints(1), two: ints(2), four: ints(4), double: ints(6, 10) },
      [
        ['Shape', 'x', 'shape'],
        ['Slice', 'shape front one', 'batch'],
        ['Slice', 'x front batch front', 'all'],
        ['Slice', 'shape front two', 'head'],
        ['Concat', 'head double', 'sizes', { axis: 0 }],
        ['Resize', 'all - - sizes', 'y', { mode: 'nearest' }],
      ],
    );
    const feeds = { x: floats(3, 2, 3, 5) };
    const before = evaluateGraph(graph, feeds).get('y')!;
    foldConstants(graph);
    expect(ops(graph)).toEqual(['Slice', 'Resize']);
    expect(constant(graph, graph.nodes[1]!.inputs[2]!)).toEqual([1, 1, 2, 2]);
    expect(evaluateGraph(graph, feeds).get('y')).toEqual(before);
  });

  it('keeps a weight that several nodes share as one initializer', () => {
    const graph = graphOf(['N', 3], { w: floats(3, 3) }, [
      ['Identity', 'w', 'same'],
      ['MatMul', 'x same', 'a'],
      ['MatMul', 'a w', 'y'],
    ]);
    foldConstants(graph, { keep: ['w'] });
    expect(graph.nodes.map(({ inputs }) => inputs[1])).toEqual(['w', 'w']);
    expect([...graph.initializers.keys()]).toEqual(['w']);
  });

  it('refuses an operator that it does not know', () => {
    const graph = graphOf(['N'], {}, [['Frobnicate', 'x', 'y']]);
    expect(() => foldConstants(graph)).toThrow(/Frobnicate.*node_0/);
  });
});

describe('removeDeadNodes', () => {
  it('keeps what outputs need, and nothing else', () => {
    const graph = graphOf(['N', 4], { used: floats(4), unused: floats(4) }, [
      ['Add', 'x used', 'y'],
      ['Add', 'x unused', 'dead'],
      ['Relu', 'dead', 'deader'],
    ]);
    removeDeadNodes(graph);
    expect(ops(graph)).toEqual(['Add']);
    expect([...graph.initializers.keys()]).toEqual(['used']);
  });
});
