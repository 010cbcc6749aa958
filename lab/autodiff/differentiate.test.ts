import { describe, expect, it } from 'vitest';
import { GraphBuilder, int } from '../graph/builder.ts';
import { emptyGraph } from '../graph/copy.ts';
import { evaluateGraph } from '../graph/evaluate/index.ts';
import { floats, given } from '../graph/evaluate/testing/case.ts';
import type { Graph, Tensor } from '../graph/ir.ts';
import { numbersOf } from '../graph/tensors.ts';
import { type DifferentiateOptions, differentiate, FEEDS, type Loss } from './index.ts';

/** Losses and whole graphs: against finite differences in float64, and against values worked out by hand. */

const CLASSES = 4;

/** Images N×2×5×5 → conv, relu, max-pool, a residual addition, dense → logits. */
function smallNetwork(): Graph {
  const b = new GraphBuilder(emptyGraph('test'), 'net');
  const x = b.input('x', { dtype: 'float32', shape: ['N', 2, 5, 5] });
  const kernel = b.constant(floats(3, 2, 3, 3), 'kernel');
  const first = b.add('Relu', [b.add('Conv', [x, kernel], { pads: { type: 'ints', value: [1, 1, 1, 1] } })]);
  const second = b.add('Tanh', [b.add('Conv', [first, b.constant(floats(3, 3, 1, 1), 'mix')])]);
  const joined = b.add('Add', [first, second]);
  const pooled = b.add('MaxPool', [joined], { kernel_shape: { type: 'ints', value: [2, 2] } });
  const flat = b.add('Flatten', [pooled], { axis: int(1) });
  const logits = b.add('Gemm', [
    flat,
    b.constant(floats(48, CLASSES), 'dense'),
    b.constant(floats(CLASSES), 'bias'),
  ]);
  b.graph.outputs = [{ name: logits, ...b.type(logits) }];
  return b.graph;
}

const images = floats(3, 2, 5, 5);

function feedsFor(loss: Loss, weights: readonly number[]): Record<string, Tensor> {
  const shared = { x: images, [FEEDS.weights]: given([3], ...weights) };
  if (loss.kind === 'mse') return { ...shared, [FEEDS.target]: floats(3, CLASSES) };
  if (loss.kind === 'cotangent') return { ...shared, [FEEDS.cotangent]: floats(3, CLASSES) };
  return { ...shared, [FEEDS.labels]: { dtype: 'int32', dims: [3], data: Int32Array.of(0, 2, 3) } };
}

/** The derived graph's outputs in float64, and Σ weights·loss as a function of one feed. */
function evaluated(options: DifferentiateOptions, weights: readonly number[], source = smallNetwork()) {
  const derived = differentiate(source, options);
  const feeds: Record<string, Tensor> = feedsFor(options.loss, weights);
  for (const name of options.wrt) feeds[name] ??= source.initializers.get(name)!;
  const values = (over: Record<string, Tensor>) =>
    evaluateGraph(derived.graph, { ...feeds, ...over }, { float64: true });
  const read = (name: string, over = {}) => Float64Array.from(numbersOf(values(over).get(name)!), Number);
  const total = (over: Record<string, Tensor>) =>
    read(derived.loss, over).reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return { derived, feeds, read, total };
}

function differences(of: Tensor, total: (moved: Tensor) => number): Float64Array {
  const h = 1e-6;
  const base = Float64Array.from(numbersOf(of), Number);
  const at = (i: number, step: number) => {
    const data = base.slice();
    data[i]! += step;
    return total({ dtype: 'float64', dims: of.dims, data });
  };
  return base.map((_, i) => (at(i, h) - at(i, -h)) / (2 * h));
}

const losses: Loss[] = [
  { kind: 'cross-entropy' },
  { kind: 'cross-entropy', temperature: 3, smoothing: 0.1 },
  { kind: 'margin', kappa: 20 },
  { kind: 'margin', kappa: 20, targeted: true },
  { kind: 'logit-difference' },
  { kind: 'logit-difference', targeted: true },
  { kind: 'mse' },
  { kind: 'cotangent' },
];

describe('differentiate', () => {
  it.each(losses.map((loss): [string, Loss] => [JSON.stringify(loss), loss]))(
    '%s at the images',
    (_name, loss) => {
      const { derived, feeds, read, total } = evaluated({ loss, wrt: ['x'] }, [1, 0.5, -2]);
      const gradient = read(derived.gradients.get('x')!);
      const truth = differences(feeds.x!, (x) => total({ x }));
      gradient.forEach((value, i) => {
        expect(value).toBeCloseTo(truth[i]!, 5);
      });
    },
  );

  it('at several weights at once, and at the images', () => {
    const wrt = ['net/kernel', 'net/mix', 'net/dense', 'net/bias', 'x'];
    const { derived, feeds, read, total } = evaluated(
      { loss: { kind: 'cross-entropy' }, wrt },
      [0.2, 0.3, 0.5],
    );
    for (const name of wrt) {
      const gradient = read(derived.gradients.get(name)!);
      const truth = differences(feeds[name]!, (moved) => total({ [name]: moved }));
      expect(gradient.length).toBe(truth.length);
      gradient.forEach((value, i) => {
        expect(value, `${name}[${i}]`).toBeCloseTo(truth[i]!, 5);
      });
    }
  });

  it('at what broadcasts under a mean, whose own gradient is not spread yet', () => {
    const b = new GraphBuilder(emptyGraph('test'), 'net');
    const x = b.input('x', { dtype: 'float32', shape: ['N', 2, 5, 5] });
    const names = ['bias', 'factor', 'shift', 'row', 'dense'];
    const shapes = [[2, 1, 1], [1, 2, 1, 5], [1, 2, 1, 1], [5], [2, CLASSES]];
    const [bias, factor, shift, row, dense] = names.map((name, i) => b.constant(floats(...shapes[i]!), name));
    const scaled = b.add('Mul', [b.add('Add', [x, bias!]), factor!]);
    const moved = b.add('Sum', [b.add('Sub', [b.add('Mul', [scaled, scaled]), shift!]), row!]);
    const means = b.add('ReduceMean', [b.add('Mean', [moved, row!]), b.longs([2, 3])], { keepdims: int(0) });
    const logits = b.add('Gemm', [means, dense!]);
    b.graph.outputs = [{ name: logits, ...b.type(logits) }];
    const wrt = [...names.map((name) => `net/${name}`), 'x'];
    const loss = { kind: 'cross-entropy' } as const;
    const { derived, feeds, read, total } = evaluated({ loss, wrt }, [0.2, 0.3, 0.5], b.graph);
    for (const name of wrt) {
      const truth = differences(feeds[name]!, (changed) => total({ [name]: changed }));
      read(derived.gradients.get(name)!).forEach((value, i) => {
        expect(value, `${name}[${i}]`).toBeCloseTo(truth[i]!, 5);
      });
    }
  });

  it('sees the swish in x·σ(x), and goes through other products with a sigmoid plainly', () => {
    for (const other of [false, true]) {
      const b = new GraphBuilder(emptyGraph('test'), 'net');
      const x = b.input('x', { dtype: 'float32', shape: ['N', 6] });
      const sigma = b.add('Sigmoid', [x]);
      const product = b.add('Mul', [other ? b.add('Tanh', [x]) : x, sigma]);
      // The sigmoid has a second reader: its own gradient must not be lost.
      const output = b.add('Add', [product, b.add('Mul', [sigma, sigma])]);
      b.graph.outputs = [{ name: output, ...b.type(output) }];
      const derived = differentiate(b.graph, { loss: { kind: 'cotangent' }, wrt: ['x'] });
      const feeds = {
        x: floats(2, 6),
        [FEEDS.cotangent]: floats(2, 6),
        [FEEDS.weights]: given([2], 1, 1),
      };
      const read = (name: string, x: Tensor) =>
        Float64Array.from(
          numbersOf(evaluateGraph(derived.graph, { ...feeds, x }, { float64: true }).get(name)!),
          Number,
        );
      const truth = differences(feeds.x, (x) => read(derived.loss, x).reduce((sum, v) => sum + v, 0));
      read(derived.gradients.get('x')!, feeds.x).forEach((value, i) => {
        expect(value).toBeCloseTo(truth[i]!, 6);
      });
      expect(derived.graph.nodes.filter((node) => node.op === 'Sub').length).toBe(0);
    }
  });

  it('computes nothing that the gradient asked for does not need', () => {
    const atImages = differentiate(smallNetwork(), { loss: { kind: 'cross-entropy' }, wrt: ['x'] });
    const atBias = differentiate(smallNetwork(), { loss: { kind: 'cross-entropy' }, wrt: ['net/bias'] });
    const count = (graph: Graph, op: string) => graph.nodes.filter((node) => node.op === op).length;
    // Two convolutions forward, two backward to the images; none backward to the last bias.
    expect(count(atImages.graph, 'Conv')).toBe(4);
    expect(count(atBias.graph, 'Conv')).toBe(2);
    expect(count(atBias.graph, 'Col2Im')).toBe(0);
  });

  it('leaves the graph that it was given as it was', () => {
    const source = smallNetwork();
    const before = [source.nodes.length, source.inputs.length, source.initializers.size];
    differentiate(source, { loss: { kind: 'cross-entropy' }, wrt: ['net/dense'] });
    expect([source.nodes.length, source.inputs.length, source.initializers.size]).toEqual(before);
  });

  it('refuses names it does not know, inputs without influence, and parameters out of range', () => {
    const source = smallNetwork();
    const loss: Loss = { kind: 'cross-entropy' };
    expect(() => differentiate(source, { loss, wrt: ['y'] })).toThrow(/no input or weights named 'y'/);
    expect(() => differentiate(source, { loss, wrt: ['x'], output: 'z' })).toThrow(/no value named 'z'/);
    expect(() => differentiate(source, { loss: { ...loss, temperature: 0 }, wrt: ['x'] })).toThrow(
      /temperature/,
    );
    expect(() => differentiate(source, { loss: { kind: 'margin', kappa: -1 }, wrt: ['x'] })).toThrow(/kappa/);
    source.inputs.push({ name: 'unused', dtype: 'float32', shape: [1] });
    expect(() => differentiate(source, { loss, wrt: ['unused'] })).toThrow(/doesn't depend on 'unused'/);
  });
});

describe('losses, by hand', () => {
  /** Logits as the graph's input, so that the cotangent is the gradient. */
  function onLogits(loss: Loss, rows: readonly (readonly number[])[], labels: readonly number[]) {
    const b = new GraphBuilder(emptyGraph('test'), 'net');
    const z = b.input('z', { dtype: 'float32', shape: ['N', rows[0]!.length] });
    const output = b.add('Identity', [z]);
    b.graph.outputs = [{ name: output, ...b.type(output) }];
    const derived = differentiate(b.graph, { loss, wrt: ['z'] });
    const results = evaluateGraph(
      derived.graph,
      {
        z: given([rows.length, rows[0]!.length], ...rows.flat()),
        [FEEDS.labels]: { dtype: 'int32', dims: [rows.length], data: Int32Array.from(labels) },
        [FEEDS.weights]: given([rows.length], ...rows.map(() => 1)),
      },
      { float64: true },
    );
    const read = (name: string) => Array.from(numbersOf(results.get(name)!), Number);
    return { loss: read(derived.loss), gradient: read(derived.gradients.get('z')!) };
  }

  it('cross-entropy of equal logits is ln(classes), its gradient softmax − one-hot', () => {
    const { loss, gradient } = onLogits({ kind: 'cross-entropy' }, [[1, 1, 1, 1]], [2]);
    expect(loss[0]).toBeCloseTo(Math.log(4), 12);
    [0.25, 0.25, -0.75, 0.25].forEach((value, i) => {
      expect(gradient[i]).toBeCloseTo(value, 12);
    });
  });

  it('cross-entropy of huge logits stays finite', () => {
    const { loss, gradient } = onLogits({ kind: 'cross-entropy' }, [[1e4, 0, 0]], [1]);
    expect(loss[0]).toBeCloseTo(1e4, 6);
    expect(gradient).toEqual([1, -1, 0]);
  });

  it('the margin stops at −κ, where its gradient is zero', () => {
    const rows = [
      [5, 2, 1],
      [1, 5, 2],
      [1, 9, 2],
    ];
    const { loss, gradient } = onLogits({ kind: 'margin', kappa: 5 }, rows, [0, 0, 0]);
    expect(loss).toEqual([3, -4, -5]);
    expect(gradient.map((g) => g + 0)).toEqual([1, -1, 0, 1, -1, 0, 0, 0, 0]);
  });

  it('the targeted margin falls as the target wins; ties of the others share', () => {
    const { loss, gradient } = onLogits({ kind: 'margin', targeted: true }, [[3, 1, 3]], [1]);
    expect(loss).toEqual([2]);
    expect(gradient).toEqual([0.5, -1, 0.5]);
  });
});
