import type { Attributes, Graph, Node, Tensor } from '../ir.ts';

/** Operators whose first output has the rank of their first input. */
const KEEPS_RANK = new Set(
  (
    'Relu LeakyRelu Sigmoid Tanh Clip Elu Dropout Identity Cast Softmax LogSoftmax BatchNormalization ' +
    'InstanceNormalization LRN Conv ConvTranspose MaxPool AveragePool GlobalAveragePool GlobalMaxPool Concat ' +
    'Transpose Pad'
  ).split(' '),
);

/** Operators whose output always is a matrix. */
const MATRIX = new Set(['Gemm', 'Flatten']);

/**
 * Where a rule stands: the graph around the node that it rewrites, and the place for what it adds before it.
 */
export class Site {
  readonly graph: Graph;
  readonly #producers = new Map<string, Node>();
  readonly #used = new Set<string>();
  readonly #taken: Set<string>;
  readonly #shared = new Map<string, string>();
  #added: Node[] = [];
  #node: Node;

  constructor(graph: Graph) {
    this.graph = graph;
    this.#taken = new Set([...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)]);
    for (const { name } of graph.outputs) this.#used.add(name);
    for (const node of graph.nodes) {
      for (const input of node.inputs) this.#used.add(input);
      for (const output of node.outputs) {
        this.#producers.set(output, node);
        this.#taken.add(output);
      }
    }
    this.#node = graph.nodes[0];
  }

  /** Moves on to a node; what rules add from now on stands before it. */
  enter(node: Node): void {
    this.#node = node;
    this.#added = [];
  }

  /** The nodes added since `enter`. */
  get added(): readonly Node[] {
    return this.#added;
  }

  #fresh(hint: string): string {
    let name = `${this.#node.name}/${hint}`;
    while (this.#taken.has(name)) name += '_';
    this.#taken.add(name);
    return name;
  }

  /** Adds a node before the one being rewritten; returns the name of its one output. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const name = this.#fresh(op);
    this.#added.push({ op, domain: '', name, inputs, outputs: [name], attributes });
    return name;
  }

  /** Adds a small constant; equal ones are stored once. */
  constant(tensor: Tensor, hint: string): string {
    const key = `${tensor.dtype}[${tensor.dims}]${tensor.data.join()}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh(hint);
    this.graph.initializers.set(name, tensor);
    this.#shared.set(key, name);
    return name;
  }

  /** Adds a one-dimensional int64 constant, as axes and pads are given. */
  longs(values: readonly number[], hint: string): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant({ dtype: 'int64', dims: [values.length], data }, hint);
  }

  /** Adds a float32 scalar. */
  scalar(value: number, hint: string): string {
    return this.constant({ dtype: 'float32', dims: [], data: Float32Array.of(value) }, hint);
  }

  /** Is the value read by a node or a graph output? */
  isUsed(name: string): boolean {
    return name !== '' && this.#used.has(name);
  }

  /** Rank of a value as the file says it or as its origin shows; undefined when neither does. */
  rankOf(name: string): number | undefined {
    const { graph } = this;
    let value: string | undefined = name;
    while (value !== undefined) {
      const current: string = value;
      const stated =
        graph.types.get(current)?.shape ??
        graph.initializers.get(current)?.dims ??
        graph.inputs.find((input) => input.name === current)?.shape;
      if (stated) return stated.length;
      const producer = this.#producers.get(current);
      if (producer === undefined || producer.domain !== '') return undefined;
      if (MATRIX.has(producer.op)) return 2;
      if (producer.op === 'Reshape') return graph.initializers.get(producer.inputs[1])?.dims[0];
      value = KEEPS_RANK.has(producer.op) ? producer.inputs[0] : undefined;
    }
    return undefined;
  }
}
