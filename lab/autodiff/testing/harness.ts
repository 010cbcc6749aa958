import { GraphBuilder } from '../../graph/builder.ts';
import { copyGraph } from '../../graph/copy.ts';
import { evaluateGraph } from '../../graph/evaluate/index.ts';
import { attributeOf, type Case } from '../../graph/evaluate/testing/case.ts';
import type { Dim, Graph, Tensor } from '../../graph/ir.ts';
import { settleCeilMode } from '../../graph/settle.ts';
import { inferShapes } from '../../graph/shapes/index.ts';
import { isFloat, numbersOf, tensorOf } from '../../graph/tensors.ts';
import { backpropagate } from '../backpropagate.ts';
import type { Traits } from '../rule.ts';

/** Gradients of single operators against central finite differences in float64. */

/** A case of the evaluator's table, with the inputs whose gradients are taken; default: all floating ones. */
export interface GradientCase extends Case {
  readonly wrt?: readonly number[];
}

/** A case as graphs: forward alone, and with the gradients of Σ y·dy. */
export interface Derived {
  readonly forward: Graph;
  readonly backward: Graph;
  /** Feeds of both; `dy` is fed to the second alone. */
  readonly feeds: Record<string, Tensor>;
  readonly dy: Tensor;
  /** Names of the inputs that were differentiated. */
  readonly wrt: readonly string[];
}

const inputName = (i: number) => `in${i}`;

function isConstant(entry: GradientCase, i: number): boolean {
  const tensor = entry.inputs[i]!;
  return entry.constants ? entry.constants.includes(i) : i > 0 && !isFloat(tensor.dtype);
}

/** The operator alone in a graph, with the batch named `N` where the case has one and `symbolic` asks for it. */
function forwardGraph(entry: GradientCase, symbolic: boolean): Graph {
  const { op, domain = '', attributes = {}, inputs, outputs = 1 } = entry;
  const batch = symbolic ? (entry.batch ?? [0]) : [];
  const graph: Graph = {
    name: 'case',
    inputs: [],
    outputs: [],
    initializers: new Map(),
    nodes: [
      {
        op,
        domain,
        name: 'node',
        inputs: inputs.map((tensor, i) => (tensor ? inputName(i) : '')),
        outputs: Array.from({ length: outputs }, (_, i) => `out${i}`),
        attributes: Object.fromEntries(Object.entries(attributes).map(([name, v]) => [name, attributeOf(v)])),
      },
    ],
    types: new Map(),
    metadata: new Map(),
  };
  inputs.forEach((tensor, i) => {
    if (!tensor) return;
    if (isConstant(entry, i)) graph.initializers.set(inputName(i), tensor);
    else {
      const shape = tensor.dims.map((d, axis): Dim => (axis === 0 && batch.includes(i) ? 'N' : d));
      graph.inputs.push({ name: inputName(i), dtype: tensor.dtype, shape });
    }
  });
  inferShapes(graph);
  settleCeilMode(graph);
  graph.outputs = [{ name: 'out0', ...graph.types.get('out0')! }];
  return graph;
}

/** Repeatable cotangents between −1 and 1, none of them zero. */
function cotangents(dims: readonly number[]): Tensor {
  const count = dims.reduce((p, n) => p * n, 1);
  return tensorOf(
    'float32',
    dims,
    Float64Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + 0.3)),
  );
}

/** Derives the gradients of a case. Throws what the rule throws. */
export function derive(entry: GradientCase, traits: Traits, symbolic: boolean): Derived {
  const forward = forwardGraph(entry, symbolic);
  const feeds = Object.fromEntries(
    forward.inputs.map(({ name }) => [name, entry.inputs[Number(name.slice(2))]!]),
  );
  const indices =
    entry.wrt ?? entry.inputs.flatMap((t, i) => (t && isFloat(t.dtype) && !isConstant(entry, i) ? [i] : []));
  const wrt = indices.map(inputName);
  const backward = copyGraph(forward);
  const b = new GraphBuilder(backward, 'gradient');
  const dyName = b.input('dy', { ...b.type('out0'), dtype: 'float32' });
  const gradients = backpropagate(b, new Map([['out0', dyName]]), wrt, traits);
  const named = wrt.map((name) => b.add('Identity', [gradients.get(name)!]));
  backward.outputs = named.map((name) => ({ name, ...b.type(name) }));
  const y = evaluateGraph(forward, feeds).get('out0')!;
  return { forward, backward, feeds, dy: cotangents(y.dims), wrt };
}

/** d(Σ out0·dy)/d(input) by central differences, the forward pass evaluated in float64. */
export function finiteDifferences({ forward, feeds, dy }: Derived, name: string): Float64Array {
  const h = 1e-6;
  const base = Float64Array.from(numbersOf(feeds[name]!));
  const weights = Float64Array.from(numbersOf(dy));
  const total = (at: number, step: number): number => {
    const moved = Float64Array.from(base);
    moved[at]! += step;
    const feed: Tensor = { dtype: 'float64', dims: feeds[name]!.dims, data: moved };
    const y = numbersOf(evaluateGraph(forward, { ...feeds, [name]: feed }, { float64: true }).get('out0')!);
    return weights.reduce((sum, w, i) => sum + w * Number(y[i]), 0);
  };
  return base.map((_, at) => (total(at, h) - total(at, -h)) / (2 * h));
}

/** Largest difference, relative to the largest expected value or 1. */
export function worstError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const values = Array.from(expected);
  const scale = Math.max(1, ...values.map(Math.abs));
  if (actual.length !== values.length) return Number.POSITIVE_INFINITY;
  return values.reduce((worst, value, i) => {
    const gap = Math.abs(value - actual[i]!) / scale;
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap);
  }, 0);
}
