/** For tests alone. */

import type { Graph } from './graph/ir.ts';

/** Logits are the means of the colours, times this. */
export const SCALE = 2;

/** A classifier whose answer can be worked out by hand: N×3×8×8 in [0, 1] to the mean of each colour, scaled. */
export function meanColourModel(): Graph {
  const type = { dtype: 'float32', shape: ['N', 3, 8, 8] } as const;
  const node = (op: string, inputs: string[], output: string) => {
    return { op, domain: '', name: output, inputs, outputs: [output], attributes: {} };
  };
  return {
    name: 'mean colour',
    inputs: [{ name: 'input', ...type }],
    outputs: [{ name: 'logits', dtype: 'float32', shape: ['N', 3] }],
    initializers: new Map([['scale', { dtype: 'float32', dims: [], data: new Float32Array([SCALE]) }]]),
    nodes: [
      node('GlobalAveragePool', ['input'], 'means'),
      node('Flatten', ['means'], 'flat'),
      node('Mul', ['flat', 'scale'], 'logits'),
    ],
    types: new Map(),
    metadata: new Map(),
  };
}
