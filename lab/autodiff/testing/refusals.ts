import { computing } from '../../graph/evaluate/testing/computing.ts';
import { moving } from '../../graph/evaluate/testing/moving.ts';
import type { GradientCase } from './harness.ts';

/** What has no gradient, and what is said about it. */
export interface Refusal extends GradientCase {
  readonly message: RegExp;
}

function of(op: string, note: string, message: RegExp): Refusal {
  const found = [...computing, ...moving].find((c) => c.op === op && (c.note ?? '') === note);
  if (!found) throw new Error(`the evaluator's table has no case ${op} ${note}`);
  return { ...found, message };
}

export const refusals: Refusal[] = [
  of('ArgMax', '', /can't flow into input 0 \('in0'\) \(operator ArgMax, node 'node'\)/),
  of('Einsum', 'diagonal', /repeated within a term/),
  of('GatherND', 'by batch', /batch_dims/),
  of('ScatterND', 'mul', /reduction 'mul'/),
  of('ScatterND', 'max', /reduction 'max'/),
  of('ScatterND', 'min', /reduction 'min'/),
  of('ScatterElements', 'mul', /reduction 'mul'/),
  of('ScatterElements', 'min', /reduction 'min'/),
  of('ScatterElements', 'max', /reduction 'max'/),
  {
    ...of('NonZero', '', /there is no gradient for this operator \(operator NonZero, node 'node'\)/),
    wrt: [0],
  },
];
