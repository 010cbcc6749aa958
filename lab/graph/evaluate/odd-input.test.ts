import { expect, it } from 'vitest';
import { GraphError } from '../errors.ts';
import type { Node, Tensor } from '../ir.ts';
import { inferNode } from '../shapes/infer-node.ts';
import { elementCount, tensorOf } from '../tensors.ts';
import { evaluateNode } from './index.ts';
import { type AttributeValue, attributeOf, type Case } from './testing/case.ts';
import { computing } from './testing/computing.ts';
import { moving } from './testing/moving.ts';
import { windows } from './testing/windows.ts';

/** A repeatable source of whole numbers below `n`. */
function numbersFrom(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % n;
  };
}

type Random = (n: number) => number;

function oddAttribute(value: AttributeValue, random: Random): AttributeValue {
  if (random(3) > 0) return value;
  if (typeof value === 'number') return [-3, -1, 0, 1, 2, 7][random(6)]!;
  if (typeof value === 'string') return 'odd';
  if (!Array.isArray(value)) return value;
  return random(2) === 0 ? value.slice(1) : value.map(() => random(6) - 2);
}

function filled(dtype: Tensor['dtype'], dims: readonly number[], random: Random): Tensor {
  const values = Float64Array.from({ length: elementCount(dims) }, () => random(9) - 4);
  return tensorOf(dtype, dims, values);
}

/** The input with other extents, another rank, other values, gone, or (mostly) as it is. */
function oddInput(tensor: Tensor | undefined, random: Random): Tensor | undefined {
  if (!tensor) return undefined;
  const { dtype, dims } = tensor;
  switch (random(8)) {
    case 0:
      return undefined;
    case 1:
      return filled(
        dtype,
        dims.map((extent) => Math.max(0, extent + random(3) - 1)),
        random,
      );
    case 2:
      return filled(dtype, random(2) === 0 ? dims.slice(1) : [...dims, 1 + random(2)], random);
    case 3:
      return filled(dtype, dims, random);
    default:
      return tensor;
  }
}

function oddNode(entry: Case, inputs: readonly (Tensor | undefined)[], random: Random): Node {
  const attributes = Object.entries(entry.attributes ?? {});
  return {
    op: entry.op,
    domain: entry.domain ?? '',
    name: 'node',
    inputs: inputs.map((tensor, i) => (tensor ? `in${i}` : '')),
    outputs: Array.from({ length: entry.outputs ?? 1 }, (_, i) => `out${i}`),
    attributes: Object.fromEntries(
      attributes.map(([name, value]) => [name, attributeOf(oddAttribute(value, random))]),
    ),
  };
}

/** Undefined when the work ends well or in a GraphError, else what it ended in. */
function defect(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof GraphError ? undefined : error;
  }
}

it('meets odd attributes, shapes and values with a GraphError or a whole result, nothing else', () => {
  const random = numbersFrom(7);
  for (const entry of Array.from({ length: 5 }, () => [...computing, ...windows, ...moving]).flat()) {
    const inputs = entry.inputs.map((tensor) => oddInput(tensor, random));
    const node = oddNode(entry, inputs, random);
    const at = (name: string) => inputs[Number(name.slice(2))];
    const evaluation = defect(() => {
      for (const { dims, data } of evaluateNode(node, inputs)) expect(data.length).toBe(elementCount(dims));
    });
    const inference = defect(() => {
      inferNode(node, {
        type: (name) => {
          const tensor = at(name);
          const shape = random(4) === 0 ? null : tensor?.dims.map((d, axis) => (axis === 0 ? 'N' : d));
          return tensor && { dtype: tensor.dtype, shape: shape ?? null };
        },
        constant: (name) => (random(2) === 0 ? at(name) : undefined),
        shapeValue: () => undefined,
      });
    });
    expect([entry.op, evaluation, inference]).toEqual([entry.op, undefined, undefined]);
  }
});
