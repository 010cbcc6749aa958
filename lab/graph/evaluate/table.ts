import type { Kernel, Kernels } from './call.ts';
import { col2Im } from './col2im.ts';
import { convKernels } from './conv.ts';
import { elementwiseKernels } from './elementwise.ts';
import { indexingKernels } from './indexing.ts';
import { linearKernels } from './linear.ts';
import { movementKernels } from './movement.ts';
import { normaliseKernels } from './normalise.ts';
import { poolKernels } from './pool.ts';
import { quantiseKernels } from './quantise.ts';
import { quantisedProductKernels } from './quantised-products.ts';
import { reduceKernels } from './reduce.ts';
import { resize } from './resize.ts';
import { valueKernels } from './values.ts';

const { FusedMatMul, ...linear } = linearKernels;

const onnx: Kernels = {
  ...convKernels,
  ...elementwiseKernels,
  ...indexingKernels,
  ...linear,
  ...movementKernels,
  ...normaliseKernels,
  ...poolKernels,
  ...quantiseKernels,
  ...quantisedProductKernels,
  ...reduceKernels,
  ...valueKernels,
  Col2Im: col2Im,
  Resize: resize,
};

/** ONNX Runtime's own operators. Its Gelu is the exact one. */
const microsoft: Kernels = { FusedMatMul: FusedMatMul!, Gelu: elementwiseKernels.Gelu! };

/** The kernel of an operator; undefined for one that can't be evaluated. */
export function kernelOf(domain: string, op: string): Kernel | undefined {
  const table = domain === '' || domain === 'ai.onnx' ? onnx : domain === 'com.microsoft' ? microsoft : {};
  return Object.hasOwn(table, op) ? table[op] : undefined;
}
