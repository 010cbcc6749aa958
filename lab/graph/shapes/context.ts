import type { Dim, Tensor, ValueType } from '../ir.ts';

/** What inference knows of a node's inputs. */
export interface InferenceContext {
  type(name: string): ValueType | undefined;
  /** The value itself, for initializers and folded constants. */
  constant(name: string): Tensor | undefined;
  /** What is known of a small integer tensor (rank 0 or 1) that carries extents; elements may be symbols. */
  shapeValue(name: string): readonly Dim[] | undefined;
}

/** The type of a node's output, with its elements where it is a small integer tensor and they are known. */
export interface InferredOutput extends ValueType {
  readonly shapeValue?: readonly Dim[];
}
