import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../graph/evaluate/index.ts';
import { type Case, given, ints } from '../graph/evaluate/testing/case.ts';
import type { Tensor } from '../graph/ir.ts';
import { numbersOf } from '../graph/tensors.ts';
import { derive } from './testing/harness.ts';

/** Points where the derivative jumps, and where several elements tie: decided on purpose, and held to it. */

interface Edge extends Case {
  /** Gradient of Σ y at input 0. */
  readonly expected: readonly number[];
}

/** The same plane in each channel. */
function inEachOf(channels: number, plane: readonly number[]): number[] {
  return Array.from({ length: channels }, () => plane).flat();
}

const edges: Edge[] = [
  { op: 'Relu', note: 'at zero', inputs: [given([3], -1, 0, 2)], expected: [0, 0, 1] },
  {
    op: 'Clip',
    note: 'at its bounds, as ReLU6',
    inputs: [given([5], -1, 0, 3, 6, 7), given([], 0), given([], 6)],
    constants: [1, 2],
    expected: [0, 0, 1, 0, 0],
  },
  {
    op: 'Clip',
    note: 'one step of float32 inside',
    inputs: [given([3], 6 - 4.8e-7, 1e-30, 6), given([], 0), given([], 6)],
    constants: [1, 2],
    expected: [1, 1, 0],
  },
  {
    op: 'Clip',
    note: 'bounds too large for the ramp',
    inputs: [given([4], -300, -200, 200, 300), given([], -256), given([], 256)],
    constants: [1, 2],
    expected: [0, 1, 1, 0],
  },
  { op: 'Abs', note: 'at zero', inputs: [given([3], -2, 0, 2)], expected: [-1, 0, 1] },
  {
    op: 'LeakyRelu',
    note: 'at zero',
    attributes: { alpha: { float: 0.25 } },
    inputs: [given([3], -1, 0, 1)],
    expected: [0.25, 0.25, 1],
  },
  { op: 'HardSwish', note: 'beyond ±3', inputs: [given([4], -4, -3, 3, 4)], expected: [0, 0, 1, 1] },
  { op: 'Max', note: 'a tie is shared', inputs: [given([2], 1, 2), given([2], 1, 0)], expected: [0.5, 1] },
  {
    op: 'ReduceMax',
    note: 'a tie is shared',
    inputs: [given([1, 4], 3, 1, 3, 3), ints(1)],
    expected: [1 / 3, 0, 1 / 3, 1 / 3],
  },
  {
    op: 'MaxPool',
    note: 'the first of equals in row order, window by window',
    attributes: { kernel_shape: [2, 2] },
    inputs: [given([1, 1, 3, 3], 5, 5, 1, 5, 5, 5, 0, 5, 5)],
    expected: [1, 1, 0, 1, 1, 0, 0, 0, 0],
  },
  {
    op: 'MaxPool',
    note: 'constant image, overlapping and padded',
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    inputs: [given([1, 1, 3, 3], 2, 2, 2, 2, 2, 2, 2, 2, 2)],
    expected: [1, 1, 0, 1, 1, 0, 0, 0, 0],
  },
  {
    op: 'MaxPool',
    note: 'the first of equals, 2 by 2, channels in blocks',
    attributes: { kernel_shape: [2, 2] },
    inputs: [given([1, 8, 3, 3], ...inEachOf(8, [1, 5, 5, 5, 2, 5, 5, 5, 5]))],
    expected: inEachOf(8, [0, 2, 0, 1, 0, 1, 0, 0, 0]),
  },
  {
    op: 'MaxPool',
    note: 'the first of equals, 3 over 2, channels in blocks',
    attributes: { kernel_shape: [3, 3], strides: [2, 2] },
    inputs: [
      given(
        [1, 8, 5, 5],
        ...inEachOf(8, [1, 9, 2, 9, 9, 9, 3, 9, 9, 4, 5, 6, 7, 8, 7, 6, 8, 6, 8, 8, 8, 0, 8, 8, 8]),
      ),
    ],
    expected: inEachOf(8, [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
  },
  {
    op: 'Pow',
    note: 'a square at zero',
    inputs: [given([2], 0, 3), given([], 2)],
    constants: [1],
    expected: [0, 6],
  },
  { op: 'Pow', note: 'to the power of zero', inputs: [given([2], 0, 3), given([2], 0, 0)], expected: [0, 0] },
  { op: 'ReduceProd', note: 'one zero', inputs: [given([1, 3], 2, 0, 5), ints(1)], expected: [0, 10, 0] },
  { op: 'ReduceProd', note: 'two zeros', inputs: [given([1, 3], 0, 0, 5), ints(1)], expected: [0, 0, 0] },
  { op: 'ReduceL2', note: 'at the origin', inputs: [given([1, 2], 0, 0), ints(1)], expected: [0, 0] },
  { op: 'Floor', note: 'zero, not missing', inputs: [given([2], 0.5, 1.5)], expected: [0, 0] },
];

/** Gradient of Σ y. */
function slope(c: Case, target: 'cpu' | 'gpu'): number[] {
  const derived = derive({ ...c, wrt: [0] }, { target }, false);
  const dy: Tensor = { ...derived.dy, data: new Float32Array(derived.dy.data.length).fill(1) };
  const results = evaluateGraph(derived.backward, { ...derived.feeds, dy });
  return Array.from(numbersOf(results.get(derived.backward.outputs[0]!.name)!), Number);
}

describe('gradients at the edges', () => {
  it.each(edges.map((e): [string, Edge] => [`${e.op}, ${e.note}`, e]))('%s', (_name, edge) => {
    for (const target of ['cpu', 'gpu'] as const) {
      const actual = slope(edge, target);
      expect(actual.length).toBe(edge.expected.length);
      actual.forEach((value, i) => {
        expect(value, `element ${i}`).toBeCloseTo(edge.expected[i]!, 6);
      });
    }
  });
});

describe('quantisation is passed straight through', () => {
  const scale = given([], 0.1);
  const zero: Tensor = { dtype: 'uint8', dims: [], data: Uint8Array.of(128) };

  it('by QuantizeLinear within its range, and stopped beyond it', () => {
    // Codes 0 to 255 stand for −12.8 to 12.7; half a step beyond still rounds into the range.
    const x = given([5], -13, -12.84, 0.03, 12.74, 12.8);
    const quantise: Case = { op: 'QuantizeLinear', inputs: [x, scale, zero], constants: [1, 2] };
    const actual = slope(quantise, 'cpu');
    [0, 10, 10, 10, 0].forEach((value, i) => {
      expect(actual[i]).toBeCloseTo(value, 4);
    });
  });
});
