import type { Attribute, Tensor } from '../../ir.ts';
import { elementCount, tensorOf } from '../../tensors.ts';

/** One operator on given inputs, checked against ONNX Runtime and against shape inference. */
export interface Case {
  readonly op: string;
  /** What is hard about it. */
  readonly note?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly inputs: readonly (Tensor | undefined)[];
  /** Outputs asked for; default 1. */
  readonly outputs?: number;
  /** Inputs of which axis 0 is a batch; default the first. None: the case has no batch. */
  readonly batch?: readonly number[];
  /** Inputs that the graph holds as initializers; default: integer ones after the first. */
  readonly constants?: readonly number[];
  /** Largest absolute difference allowed, relative to max(1, |expected|); default 1e-5. */
  readonly tolerance?: number;
}

/** Whole numbers mean ints; `float` says otherwise. */
export type AttributeValue = number | string | readonly number[] | Tensor | { readonly float: number };

export function attributeOf(value: AttributeValue): Attribute {
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'int' : 'float', value };
  if ('dims' in value) return { type: 'tensor', value };
  if ('float' in value) return { type: 'float', value: value.float };
  return { type: 'ints', value };
}

/** Repeatable values between -2 and 2, of which no two are equal. */
export function floats(...dims: number[]): Tensor {
  const values = Float64Array.from({ length: elementCount(dims) }, (_, i) => {
    const t = Math.sin(12.9898 * (i + 1) + 4.1414 * dims.length) * 43758.5453;
    return 4 * (t - Math.floor(t)) - 2;
  });
  return tensorOf('float32', dims, values);
}

/** Repeatable values between 0.1 and 2.1. */
export function positives(...dims: number[]): Tensor {
  const { data } = floats(...dims);
  return tensorOf(
    'float32',
    dims,
    Float64Array.from(data as Float32Array, (v) => Math.abs(v) + 0.1),
  );
}

export function given(dims: readonly number[], ...values: number[]): Tensor {
  return tensorOf('float32', dims, values);
}

export function ints(...values: number[]): Tensor {
  return tensorOf('int64', [values.length], values);
}

export function indices(dims: readonly number[], ...values: number[]): Tensor {
  return tensorOf('int64', dims, values);
}

export function int(value: number): Tensor {
  return tensorOf('int64', [], [value]);
}

export function bools(dims: readonly number[], ...values: number[]): Tensor {
  return tensorOf('bool', dims, values);
}

export function bytes(dims: readonly number[], ...values: number[]): Tensor {
  return tensorOf('uint8', dims, values);
}

export function signedBytes(dims: readonly number[], ...values: number[]): Tensor {
  return tensorOf('int8', dims, values);
}
