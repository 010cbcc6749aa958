import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { Dim, Graph, Node, Tensor, ValueType } from '../ir.ts';
import { inferNode } from '../shapes/infer-node.ts';
import { inferenceRule } from '../shapes/table.ts';
import { isInteger, numbersOf } from '../tensors.ts';
import { writeModel } from '../write.ts';
import { canEvaluate, evaluateNode } from './index.ts';
import { attributeOf, type Case } from './testing/case.ts';
import { computing } from './testing/computing.ts';
import { moving } from './testing/moving.ts';
import { windows } from './testing/windows.ts';

const cases = [...computing, ...windows, ...moving];

function nodeOf({ op, domain = '', attributes = {}, inputs, outputs = 1 }: Case): Node {
  return {
    op,
    domain,
    name: 'node',
    inputs: inputs.map((tensor, i) => (tensor ? `in${i}` : '')),
    outputs: Array.from({ length: outputs }, (_, i) => `out${i}`),
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, v]) => [name, attributeOf(v)])),
  };
}

function constantInputs({ inputs, constants }: Case): readonly number[] {
  return constants ?? inputs.flatMap((tensor, i) => (i > 0 && tensor && isInteger(tensor.dtype) ? [i] : []));
}

/** Types by inference, with the batch of some inputs replaced by `N`. */
function inferred(entry: Case, node: Node, batch: readonly number[]): ValueType[] {
  const constants = constantInputs(entry);
  const at = (name: string) => Number(name.slice(2));
  return inferNode(node, {
    type: (name) => {
      const tensor = entry.inputs[at(name)];
      if (!tensor) return undefined;
      const shape = tensor.dims.map((d, axis): Dim => (axis === 0 && batch.includes(at(name)) ? 'N' : d));
      return { dtype: tensor.dtype, shape };
    },
    constant: (name) => (constants.includes(at(name)) ? entry.inputs[at(name)] : undefined),
    shapeValue: () => undefined,
  });
}

async function byOnnxRuntime(entry: Case, node: Node, types: readonly ValueType[]): Promise<OrtTensor[]> {
  const constants = constantInputs(entry);
  const fed = entry.inputs.flatMap((tensor, i) => (tensor && !constants.includes(i) ? [i] : []));
  const graph: Graph = {
    name: 'case',
    inputs: fed.map((i) => ({ name: `in${i}`, dtype: entry.inputs[i]!.dtype, shape: entry.inputs[i]!.dims })),
    outputs: types.map(({ dtype, shape }, i) => ({
      name: `out${i}`,
      dtype,
      shape: shape?.map((d, axis) => (typeof d === 'number' ? d : `d${axis}`)) ?? null,
    })),
    initializers: new Map(constants.map((i) => [`in${i}`, entry.inputs[i]!])),
    nodes: [node],
    types: new Map(),
    metadata: new Map(),
  };
  const session = await InferenceSession.create(writeModel(graph), { logSeverityLevel: 3 });
  const feeds = Object.fromEntries(
    fed.map((i) => {
      const { dtype, data, dims } = entry.inputs[i]!;
      return [`in${i}`, new OrtTensor(dtype as 'float32', data as Float32Array, dims)];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return types.map((_, i) => results[`out${i}`]!);
}

function expectClose(actual: Tensor, expected: OrtTensor, tolerance: number): void {
  expect(actual.dtype).toBe(expected.type);
  expect(actual.dims).toEqual(expected.dims);
  const values = numbersOf(actual);
  const truth = Array.from(expected.data as Float32Array, Number);
  truth.forEach((value, i) => {
    const difference = Object.is(values[i], value) ? 0 : Math.abs(values[i]! - value);
    if (Number.isNaN(difference) || difference > tolerance * Math.max(1, Math.abs(value))) {
      expect.fail(`element ${i} is ${values[i]}, should be ${value}`);
    }
  });
}

/** The extent when N is the batch of the case. */
function substitute(extent: Dim, n: number): number {
  if (typeof extent === 'number') return extent;
  const [factor, symbol] = extent.includes('*') ? extent.split('*') : ['1', extent];
  return symbol === 'N' ? Number(factor) * n : Number.NaN;
}

describe('evaluation and inference of one node', () => {
  it.each(cases.map((entry) => [`${entry.op}${entry.note ? `: ${entry.note}` : ''}`, entry] as const))(
    '%s',
    async (_, entry) => {
      const node = nodeOf(entry);
      const types = inferred(entry, node, []);
      const actual = evaluateNode(node, entry.inputs);
      const expected = await byOnnxRuntime(entry, node, types);
      expected.forEach((truth, i) => {
        expectClose(actual[i]!, truth, entry.tolerance ?? 1e-5);
        expect(types[i]!.dtype).toBe(truth.type);
        if (entry.op !== 'NonZero') expect(types[i]!.shape).toEqual(truth.dims);
      });
      const batch = entry.batch ?? [0];
      if (batch.length === 0) return;
      const n = entry.inputs[batch[0]!]!.dims[0]!;
      inferred(entry, node, batch).forEach(({ shape }, i) => {
        expect(shape?.map((d) => substitute(d, n))).toEqual(expected[i]!.dims);
      });
    },
  );

  it('stays in float64 when its inputs are', () => {
    const x: Tensor = { dtype: 'float64', dims: [1], data: Float64Array.of(0.5) };
    const [y] = evaluateNode({ ...nodeOf({ op: 'Erf', inputs: [x] }), inputs: ['x'] }, [x]);
    expect(y!.dtype).toBe('float64');
    expect(y!.data[0]).toBeCloseTo(0.5204998778130465, 15);
  });

  it('covers the same operators in both tables', () => {
    for (const { op, domain = '' } of cases) {
      expect(inferenceRule(domain, op), op).toBeDefined();
      if (domain === '') expect(canEvaluate(op), op).toBe(true);
    }
  });

  it('refuses an operator that it does not know, by name', () => {
    const node = { ...nodeOf({ op: 'Frobnicate', inputs: [] }), name: 'frob_3' };
    expect(() => evaluateNode(node, [])).toThrow(/Frobnicate.*frob_3/);
    expect(() => inferred({ op: 'Frobnicate', inputs: [] }, node, [])).toThrow(/Frobnicate.*frob_3/);
  });
});
