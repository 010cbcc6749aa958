import type { GraphBuilder } from '../graph/builder.ts';
import { GraphError } from '../graph/errors.ts';
import type { Graph, Node } from '../graph/ir.ts';
import {
  expandLike,
  type InputGradient,
  NONE,
  RuleContext,
  sumLike,
  type Traits,
  ZERO,
  zerosLike,
} from './rule.ts';
import { ruleFor } from './rules/index.ts';

/** Types that gradients flow through; quantised integers are followed straight through. */
const FLOWING = new Set(['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16']);

/**
 * Appends to the builder's graph the reverse sweep from given cotangents to the values in `wrt`.
 *
 * @param cotangents gradient of the scalar to be differentiated, for each value where it is known
 * @param wrt        inputs, initializers or intermediate values
 * @returns          for each of `wrt`, the value that holds its gradient, in its own shape
 * @throws GraphError when a value has no influence, or when an operator on the way has no rule
 */
export function backpropagate(
  b: GraphBuilder,
  cotangents: ReadonlyMap<string, string>,
  wrt: readonly string[],
  traits: Traits,
): Map<string, string> {
  const forward = b.graph.nodes.slice();
  const influenced = reachableFrom(b.graph, forward, wrt);
  const sums = new GradientSums(b);
  for (const [value, gradient] of cotangents) sums.add(value, gradient);
  const wanted = new Set(wrt);
  const producers = new Map(forward.flatMap((node) => node.outputs.map((output) => [output, node])));

  for (const node of forward.toReversed()) {
    const needed = node.inputs.map((input) => influenced.has(input));
    if (!needed.some(Boolean)) continue;
    const gradients = node.outputs.map((output) => sums.take(output, wanted.has(output)));
    if (gradients.every((g) => g === undefined)) continue;
    const results = ruleFor(node)(new RuleContext(node, b, traits, gradients, needed, producers));
    contribute(b, sums, node, needed, results);
  }
  const depends = (name: string): boolean => {
    const reached = reachableFrom(b.graph, forward, [name]);
    return [...cotangents.keys()].some((value) => reached.has(value));
  };
  return new Map(wrt.map((name) => [name, finished(b, sums, name, depends(name))]));
}

/** Names of all values that some of `wrt` influences through differentiable types. */
function reachableFrom(graph: Graph, nodes: readonly Node[], wrt: readonly string[]): Set<string> {
  const reached = new Set(wrt);
  for (const node of nodes) {
    if (!node.inputs.some((input) => reached.has(input))) continue;
    for (const output of node.outputs) {
      const type = graph.types.get(output);
      if (type && FLOWING.has(type.dtype)) reached.add(output);
    }
  }
  return reached;
}

function contribute(
  b: GraphBuilder,
  sums: GradientSums,
  node: Node,
  needed: readonly boolean[],
  results: readonly InputGradient[],
): void {
  if (results.length !== node.inputs.length) {
    throw new GraphError(
      `its gradient rule gave ${results.length} entries for ${node.inputs.length} inputs`,
      {
        node,
        code: 'internal',
      },
    );
  }
  results.forEach((result, i) => {
    if (!needed[i] || result === ZERO) return;
    if (result === NONE) {
      throw new GraphError(`the gradient can't flow into input ${i} ('${node.inputs[i]}')`, {
        node,
        code: 'unsupported-operator',
      });
    }
    sums.add(node.inputs[i], sumLike(b, result, node.inputs[i]));
  });
}

/** A gradient in the value's shape: zeros where all that reached it was an explicit zero. */
function finished(b: GraphBuilder, sums: GradientSums, name: string, depends: boolean): string {
  const gradient = sums.take(name, true);
  if (gradient !== undefined) return expandLike(b, gradient, name);
  if (depends) return zerosLike(b, name);
  throw new GraphError(`the loss doesn't depend on '${name}': there is no differentiable path to it`);
}

/** Contributions to each value's gradient, added up when the value's own producer is reached. */
class GradientSums {
  readonly #parts = new Map<string, string[]>();
  readonly #b: GraphBuilder;

  constructor(b: GraphBuilder) {
    this.#b = b;
  }

  add(value: string, gradient: string): void {
    const parts = this.#parts.get(value);
    if (parts) parts.push(gradient);
    else this.#parts.set(value, [gradient]);
  }

  /** The sum for a value; forgotten unless `keep`. */
  take(value: string, keep: boolean): string | undefined {
    const parts = this.#parts.get(value);
    if (!parts) return undefined;
    // Pairwise, in the order of arrival: an Add whose one side is a convolution is fused into it.
    const total = parts.reduce((sum, part) => this.#b.add('Add', [sum, part]));
    if (keep) this.#parts.set(value, [total]);
    else this.#parts.delete(value);
    return total;
  }
}
