import type { Graph, Node, Tensor } from '../ir.ts';
import { numbersOf } from '../tensors.ts';

/** Looking at a graph from a node backwards. */
export class Matcher {
  readonly #producers: ReadonlyMap<string, Node>;
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  }

  /** The node that makes `value`, if it is an ONNX operator of this type. */
  made(value: string | undefined, op: string): Node | undefined {
    const node = value === undefined ? undefined : this.#producers.get(value);
    return node?.op === op && node.domain === '' ? node : undefined;
  }

  constant(value: string | undefined): Tensor | undefined {
    return value === undefined ? undefined : this.#graph.initializers.get(value);
  }

  /** The single number of a constant; undefined for anything else. */
  number(value: string | undefined): number | undefined {
    const tensor = this.constant(value);
    return tensor?.data.length === 1 ? Number(numbersOf(tensor)[0]) : undefined;
  }

  /** The two inputs of a commutative node, the one that is made by `op` first. */
  pair(node: Node, op: string): { made: Node; other: string } | undefined {
    const [a, b] = node.inputs;
    const first = this.made(a, op);
    if (first) return { made: first, other: b! };
    const second = this.made(b, op);
    return second ? { made: second, other: a! } : undefined;
  }

  /** The two inputs of a commutative node, the one that is a constant first. */
  withConstant(node: Node): { constant: Tensor; name: string; other: string } | undefined {
    for (const [i, j] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const constant = this.constant(node.inputs[i]);
      if (constant) return { constant, name: node.inputs[i]!, other: node.inputs[j]! };
    }
    return undefined;
  }
}

/** Equal up to float32 rounding. */
export function near(value: number | undefined, expected: number): boolean {
  return value !== undefined && Math.abs(value - expected) <= 1e-6 * Math.abs(expected);
}
