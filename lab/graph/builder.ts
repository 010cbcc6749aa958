import { GraphError } from './errors.ts';
import type { Attribute, Attributes, Dim, DType, Graph, Node, Tensor, ValueType } from './ir.ts';
import { inferNode } from './shapes/index.ts';

/** Attribute spelled shortly: `int(1)`, `ints([1, 2])`. */
export const int = (value: number): Attribute => ({ type: 'int', value });
export const ints = (value: readonly number[]): Attribute => ({ type: 'ints', value });
export const float = (value: number): Attribute => ({ type: 'float', value });
export const string = (value: string): Attribute => ({ type: 'string', value });

/** Options of `GraphBuilder.addAll`. */
export interface AddOptions {
  /** How many outputs; an output that nobody wants is dropped with ''. */
  readonly outputs?: number;
  readonly domain?: string;
}

/**
 * Appends nodes and constants to a graph, inferring the type of every value as it is added, so that whoever
 * emits operators can ask for shapes at once. Equal small constants are shared.
 */
export class GraphBuilder {
  readonly graph: Graph;
  readonly #prefix: string;
  readonly #shapeValues = new Map<string, readonly Dim[]>();
  readonly #pool = new Map<string, string>();
  readonly #taken: Set<string>;
  #next = 0;

  /** Values and nodes that the builder makes are named `prefix/…`. */
  constructor(graph: Graph, prefix: string) {
    this.graph = graph;
    this.#prefix = prefix;
    this.#taken = new Set([
      ...graph.types.keys(),
      ...graph.initializers.keys(),
      ...graph.inputs.map((i) => i.name),
    ]);
  }

  /** A name that no value of the graph bears yet. */
  fresh(hint: string): string {
    let name = `${this.#prefix}/${hint}`;
    while (this.#taken.has(name)) {
      this.#next += 1;
      name = `${this.#prefix}/${hint}_${this.#next}`;
    }
    this.#taken.add(name);
    return name;
  }

  /** Adds a node and returns its first output. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.addAll(op, inputs, attributes)[0];
  }

  /** Adds a node and returns all its outputs. */
  addAll(
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    options: AddOptions = {},
  ): string[] {
    const name = this.fresh(op);
    const outputs = Array.from({ length: options.outputs ?? 1 }, (_, i) =>
      i === 0 ? name : this.fresh(`${op}.${i}`),
    );
    const node: Node = { op, domain: options.domain ?? '', name, inputs, outputs, attributes };
    this.graph.nodes.push(node);
    this.#infer(node);
    return outputs;
  }

  #infer(node: Node): void {
    const results = inferNode(node, {
      type: (name) => this.graph.types.get(name),
      constant: (name) => this.graph.initializers.get(name),
      shapeValue: (name) => this.#shapeValues.get(name),
    });
    node.outputs.forEach((output, i) => {
      const { dtype, shape, shapeValue } = results[i];
      this.graph.types.set(output, { dtype, shape });
      if (shapeValue) this.#shapeValues.set(output, shapeValue);
    });
  }

  /** A graph input of the given type. */
  input(name: string, type: ValueType): string {
    const free = this.#taken.has(name) ? this.fresh(name) : name;
    this.#taken.add(free);
    this.graph.inputs.push({ name: free, ...type });
    this.graph.types.set(free, type);
    return free;
  }

  /** A constant. Small ones that are equal are stored once. */
  constant(tensor: Tensor, hint = 'constant'): string {
    const key = tensor.data.length <= 64 ? `${tensor.dtype}[${tensor.dims}]${tensor.data.join()}` : undefined;
    const known = key === undefined ? undefined : this.#pool.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(hint);
    this.graph.initializers.set(name, tensor);
    this.graph.types.set(name, { dtype: tensor.dtype, shape: tensor.dims });
    if (key !== undefined) this.#pool.set(key, name);
    return name;
  }

  /** A float32 scalar. */
  scalar(value: number): string {
    return this.constant({ dtype: 'float32', dims: [], data: Float32Array.of(value) });
  }

  /** A float32 constant. */
  floats(values: Float32Array | readonly number[], dims: readonly number[], hint?: string): string {
    const data = values instanceof Float32Array ? values : Float32Array.from(values);
    return this.constant({ dtype: 'float32', dims, data }, hint);
  }

  /** A one-dimensional int64 constant, as axes, shapes and pads are given. */
  longs(values: readonly number[]): string {
    return this.constant({ dtype: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  /** What is known of a value; an error when nothing is. */
  type(name: string): ValueType {
    const type = this.graph.types.get(name);
    if (!type) throw new GraphError(`nothing is known of the value '${name}'`, { code: 'internal' });
    return type;
  }

  dtype(name: string): DType {
    return this.type(name).dtype;
  }

  /** Shape of a value; an error naming it when not even its rank is known. */
  shape(name: string): readonly Dim[] {
    const { shape } = this.type(name);
    if (shape === null) throw new GraphError(`the rank of the value '${name}' can't be told from the graph`);
    return shape;
  }

  /** Extents of a value's axes that must be known numbers here, such as channels or image size. */
  extents(name: string, axes: readonly number[]): number[] {
    const shape = this.shape(name);
    return axes.map((axis) => {
      const dim = shape[axis];
      if (typeof dim === 'number') return dim;
      throw new GraphError(
        `extent ${axis} of the value '${name}' (${shape.join('×')}) isn't fixed in the graph; fix the input size`,
      );
    });
  }

  /**
   * A one-dimensional int64 value holding the shape of `name`: a constant where it is fixed, and read off
   * at run time where it is not.
   */
  shapeOf(name: string): string {
    const shape = this.shape(name);
    if (shape.every((d) => typeof d === 'number')) return this.longs(shape as number[]);
    return this.add('Shape', [name]);
  }

  /** `value` reshaped to the shape of `like`; nothing is emitted when it has that shape. */
  reshapeLike(value: string, like: string): string {
    if (sameShape(this.shape(value), this.shape(like))) return value;
    return this.reshape(value, this.shape(like), like);
  }

  /** `value` reshaped; at most one extent may be a symbol, else `like` must name a value of that shape. */
  reshape(value: string, shape: readonly Dim[], like?: string): string {
    if (sameShape(this.shape(value), shape)) return value;
    const symbols = shape.filter((d) => typeof d === 'string').length;
    if (symbols <= 1 && !shape.includes(0)) {
      return this.add('Reshape', [value, this.longs(shape.map((d) => (typeof d === 'number' ? d : -1)))]);
    }
    if (like === undefined)
      throw new GraphError(`can't reshape '${value}' to ${shape.join('×')}`, { code: 'internal' });
    return this.add('Reshape', [value, this.shapeOf(like)]);
  }
}

/** Equal extents, symbols included. */
export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}
