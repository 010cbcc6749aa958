import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateGraph } from '../graph/evaluate/index.ts';
import { computing } from '../graph/evaluate/testing/computing.ts';
import { moving } from '../graph/evaluate/testing/moving.ts';
import { windows } from '../graph/evaluate/testing/windows.ts';
import { writeModel } from '../graph/index.ts';
import { isFloat, numbersOf } from '../graph/tensors.ts';
import { createRuntime, type Runtime } from '../runtime/index.ts';
import { softwareWebGpu } from '../runtime/testing.ts';
import { differentiableOperators } from './rules/index.ts';
import { steepCases } from './testing/cases.ts';
import { type Derived, derive, finiteDifferences, type GradientCase, worstError } from './testing/harness.ts';
import { refusals } from './testing/refusals.ts';

const gpu = softwareWebGpu();

/** Operators whose result is no floating tensor, or whose gradient is no derivative: tested elsewhere. */
const ELSEWHERE = ['ArgMax', 'ArgMin', 'Cast', 'CastLike', 'QuantizeLinear'];

const refused = new Set(refusals.map((r) => `${r.op} ${r.note ?? ''}`));
const all: GradientCase[] = [...computing, ...windows, ...moving, ...steepCases];

/** Trained kernels come with every run, attacked networks' are constant: on the CPU strided ones go other ways then. */
const CONSTANT = ', constant kernel';
const constantKernels = all
  .filter(({ op, attributes }) => op === 'Conv' && attributes?.strides !== undefined)
  .map((c) => ({ ...c, constants: [1], note: `${c.note ?? 'plain'}${CONSTANT}` }));

const cases = [...all, ...constantKernels]
  .filter((c) => differentiableOperators().includes(c.domain ? `${c.domain}.${c.op}` : c.op))
  .filter((c) => !ELSEWHERE.includes(c.op) && !refused.has(`${c.op} ${c.note ?? ''}`));

/** Integers and ties to even have no derivative to compare with. */
function floating(c: GradientCase): boolean {
  return isFloat(c.inputs[0]!.dtype) && c.note !== 'ties to even';
}

/** Operators that WebGPU itself lacks, forward: ONNX Runtime says so when it meets them. */
const NOT_ON_WEBGPU = new Set([
  'Conv, three axes',
  'Conv, three axes, four channels',
  'MaxPool, overlapping, padded',
  'MaxPool, indices by column',
  'BatchNormalization, in training',
  'Pow, an exponent for each row',
]);

const byFirst = new Set(['DequantizeLinear', 'Pad']);
const named = cases
  .filter(floating)
  .map((c): [string, GradientCase] => [
    `${c.op}${c.note ? `, ${c.note}` : ''}`,
    byFirst.has(c.op) ? { ...c, wrt: [0] } : c,
  ]);

/** The gradient graph run by ONNX Runtime in float32. */
async function run(runtime: Runtime, { backward, feeds, dy }: Derived): Promise<ArrayLike<number>[]> {
  const session = await runtime.load(writeModel(backward));
  const wanted = new Set(backward.inputs.map((i) => i.name));
  const all = Object.entries({ ...feeds, dy }).filter(([name]) => wanted.has(name));
  const results = await session.run(Object.fromEntries(all));
  await session.release();
  return backward.outputs.map(({ name }) => results[name]!.data as Float32Array);
}

describe('every rule against central differences', () => {
  let cpu: Runtime;
  beforeAll(async () => {
    cpu = await createRuntime({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => cpu.close());

  it.each(named)('%s', async (_name, c) => {
    const derived = derive(c, { target: 'cpu' }, true);
    const other = derive(c, { target: 'gpu' }, false);
    const exact = evaluateGraph(derived.backward, { ...derived.feeds, dy: derived.dy }, { float64: true });
    const exactOther = evaluateGraph(other.backward, { ...other.feeds, dy: other.dy }, { float64: true });
    const measured = await run(cpu, derived);
    derived.wrt.forEach((name, i) => {
      const truth = finiteDifferences(derived, name);
      const value = (of: Derived, from: typeof exact) => numbersOf(from.get(of.backward.outputs[i]!.name)!);
      expect(worstError(value(derived, exact) as Float64Array, truth), `${name} in float64`).toBeLessThan(
        1e-6,
      );
      expect(worstError(value(other, exactOther) as Float64Array, truth), `${name}, for GPUs`).toBeLessThan(
        1e-6,
      );
      expect(worstError(measured[i]!, truth), `${name} by ONNX Runtime`).toBeLessThan(2e-4);
    });
  });
});

const title = gpu.available ? 'every rule on WebGPU' : `every rule on WebGPU (skipped: ${gpu.reason})`;
describe.skipIf(!gpu.available)(title, () => {
  let webgpu: Runtime;
  beforeAll(async () => {
    webgpu = await createRuntime({ providers: ['webgpu'] });
  });
  afterAll(() => webgpu.close());

  const here = named.filter(([name]) => !NOT_ON_WEBGPU.has(name) && !name.endsWith(CONSTANT));
  it.each(here)('%s', async (_name, c) => {
    const derived = derive(c, { target: 'gpu' }, true);
    const exact = evaluateGraph(derived.backward, { ...derived.feeds, dy: derived.dy }, { float64: true });
    const measured = await run(webgpu, derived);
    derived.backward.outputs.forEach(({ name }, i) => {
      expect(worstError(measured[i]!, numbersOf(exact.get(name)!) as Float64Array)).toBeLessThan(5e-4);
    });
  });
});

it.each(refusals.map((r) => [`${r.op}${r.note ? `, ${r.note}` : ''}`, r] as const))(
  'refuses %s',
  (_name, r) => {
    expect(() => derive(r, { target: 'cpu' }, false)).toThrow(r.message);
  },
);
