/**
 * The ONNX graph in memory: plain data, no classes, one spelling for each thing.
 *
 * Whatever operator set (9 to 21) a file came in, the graph here speaks the canonical one, `OPSET`, and
 * whatever float width, it computes in float32: `importModel` has rewritten older forms and widened halves.
 */

/** The operator set every graph in memory speaks, and every file that we write declares. */
export const OPSET = 21;

/** Element types that a graph may hold. float16 appears only between the file and `importModel`. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

/** Element storage by type: bool as 0/1 in a Uint8Array, float16 as its bits in a Uint16Array. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A constant: row-major data, `data.length` equal to the product of `dims` (1 for a scalar, dims `[]`). */
export interface Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/**
 * An extent: a number when known; otherwise a symbol, either a name (`N`) or a whole multiple of one
 * (`64*N`). Equal strings are equal extents. See `dims.ts` for their arithmetic.
 */
export type Dim = number | string;

/** Type of a value; `shape` is null where not even the rank is known. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: readonly Dim[] | null;
}

/** A graph input or output: a named, typed value. */
export interface ValueInfo extends ValueType {
  readonly name: string;
}

/** Attribute values; integers are JavaScript numbers (checked to be safe integers on reading). */
export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: Tensor }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] };

export type Attributes = Readonly<Record<string, Attribute>>;

/** One operator applied to named values. An omitted optional input or output is the empty string. */
export interface Node {
  /** Operator type, such as `Conv`. */
  readonly op: string;
  /** Operator domain: '' for ONNX's own, else such as `com.microsoft`. */
  readonly domain: string;
  /** The node's name in the file, or one made up on reading; used in every error about it. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/**
 * A graph: nodes in topological order, every value assigned once. Initializers are not listed among the
 * inputs. `types` holds what is known of each value and is filled by `inferShapes`.
 */
export interface Graph {
  name: string;
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  initializers: Map<string, Tensor>;
  nodes: Node[];
  types: Map<string, ValueType>;
  /** The file's key-value metadata, kept through a rewrite. */
  metadata: Map<string, string>;
}
