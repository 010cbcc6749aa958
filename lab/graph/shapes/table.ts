import { inferCol2Im } from './col2im.ts';
import { elementwiseInference } from './elementwise.ts';
import { indexInference } from './index-ops.ts';
import { type InferenceRule, sameAsFirst } from './inputs.ts';
import { linearInference } from './linear.ts';
import { movementInference } from './movement.ts';
import { normaliseInference } from './normalise.ts';
import { quantiseInference } from './quantise.ts';
import { reduceInference } from './reduce.ts';
import { reshapeInference } from './reshape.ts';
import { inferResize } from './resize.ts';
import { valueInference } from './values.ts';
import { windowedInference } from './windowed.ts';

const { FusedMatMul, ...linear } = linearInference;

/** The rules of ONNX's own operators, by operator. */
const onnx: Readonly<Record<string, InferenceRule>> = {
  ...elementwiseInference,
  ...indexInference,
  ...linear,
  ...movementInference,
  ...normaliseInference,
  ...quantiseInference,
  ...reduceInference,
  ...reshapeInference,
  ...valueInference,
  ...windowedInference,
  Col2Im: inferCol2Im,
  Resize: inferResize,
};

/** The rules of ONNX Runtime's own operators that we know. */
const microsoft: Readonly<Record<string, InferenceRule>> = {
  FusedMatMul: FusedMatMul!,
  Gelu: sameAsFirst,
};

/** The inference rule of an operator; undefined for one that we don't know. */
export function inferenceRule(domain: string, op: string): InferenceRule | undefined {
  const table = domain === '' || domain === 'ai.onnx' ? onnx : domain === 'com.microsoft' ? microsoft : {};
  return Object.hasOwn(table, op) ? table[op] : undefined;
}
