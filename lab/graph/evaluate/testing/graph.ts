import type { Dim, Graph, Node, Tensor } from '../../ir.ts';
import { type AttributeValue, attributeOf } from './case.ts';

/** A node in a line: operator, input names, output names (`-` for one left out), attributes. */
export type Line = readonly [
  op: string,
  inputs: string,
  outputs: string,
  attributes?: Readonly<Record<string, AttributeValue>>,
];

const names = (text: string) => text.split(' ').map((name) => (name === '-' ? '' : name));

/** A graph of one float32 input `x`, initializers, and nodes `node_0`, `node_1`, …; its output is `y`. */
export function graphOf(
  shape: readonly Dim[] | null,
  constants: Record<string, Tensor>,
  lines: readonly Line[],
): Graph {
  const nodes = lines.map(
    ([op, inputs, outputs, attributes = {}], i): Node => ({
      op,
      domain: '',
      name: `node_${i}`,
      inputs: names(inputs),
      outputs: names(outputs),
      attributes: Object.fromEntries(Object.entries(attributes).map(([name, v]) => [name, attributeOf(v)])),
    }),
  );
  return {
    name: 'test',
    inputs: [{ name: 'x', dtype: 'float32', shape }],
    outputs: [{ name: 'y', dtype: 'float32', shape: null }],
    initializers: new Map(Object.entries(constants)),
    nodes,
    types: new Map(),
    metadata: new Map(),
  };
}
