import { afterAll, beforeAll, expect, it } from 'vitest';
import { floats } from '../../graph/evaluate/testing/case.ts';
import { writeModel } from '../../graph/index.ts';
import { blockConvolutions, channelBlock } from '../../runtime/blocked.ts';
import { createRuntime, type Runtime } from '../../runtime/index.ts';
import type { Traits } from '../rule.ts';
import { derive, type GradientCase, worstError } from '../testing/harness.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ providers: ['cpu'], threads: 1 });
});
afterAll(() => runtime.close());

it('gives the same gradient row by row, for images too large to lay out at once', async () => {
  const large = {
    op: 'Conv',
    attributes: { pads: [1, 1, 1, 1] },
    inputs: [floats(2, 32, 64, 64), floats(4, 32, 3, 3)],
    wrt: [1],
  };
  const [byRows, plain] = await Promise.all(
    (['cpu', 'gpu'] as const).map(async (target) => {
      const { backward, feeds, dy } = derive(large, { target }, false);
      const session = await runtime.load(writeModel(backward));
      const wanted = new Set(backward.inputs.map(({ name }) => name));
      const given = Object.entries({ ...feeds, dy }).filter(([name]) => wanted.has(name));
      const results = await session.run(Object.fromEntries(given));
      const parts = backward.nodes.filter(({ op }) => op === 'MatMul').length;
      return { gradient: results[backward.outputs[0]!.name]!.data as Float32Array, parts };
    }),
  );
  expect(byRows!.parts).toBe(3);
  expect(plain!.parts).toBe(0);
  expect(worstError(byRows!.gradient, Float64Array.from(plain!.gradient))).toBeLessThan(1e-4);
});

/** The gradients of a case as ONNX Runtime computes them, by the formulation that these traits get. */
async function gradients(entry: GradientCase, traits: Traits): Promise<Float32Array[]> {
  const { backward, feeds, dy } = derive(entry, traits, false);
  const graph = traits.channelBlock ? blockConvolutions(backward, traits.channelBlock) : backward;
  const session = await runtime.load(writeModel(graph));
  const results = await session.run({ ...feeds, dy });
  await session.release();
  return backward.outputs.map(({ name }) => results[name]!.data as Float32Array);
}

const apart = [floats(2, 32, 9, 8), floats(32, 1, 3, 3)];
const few = [floats(16, 3, 12, 11), floats(16, 3, 5, 5)];
it.each([
  ['channels that do not mix', apart, { pads: [1, 1, 1, 1], group: 32 }],
  ['strided, padded at the end', apart, { pads: [0, 0, 1, 1], strides: [2, 2], group: 32 }],
  ['strided, rows left over', apart, { strides: [3, 2], group: 32 }],
  ['dilated', apart, { pads: [2, 1, 1, 2], dilations: [2, 2], group: 32 }],
  ['strided and dilated', apart, { pads: [2, 2, 2, 2], strides: [2, 2], dilations: [2, 1], group: 32 }],
  ['an input larger than the output', [floats(2, 32, 6, 6), floats(16, 32, 3, 3)], {}],
  ['few channels', few, { pads: [2, 2, 2, 2], strides: [2, 2] }],
])('gives the same gradients over blocks of channels: %s', async (_, inputs, attributes) => {
  const block = await channelBlock(runtime);
  if (block === 0) return;
  const entry = { op: 'Conv', attributes, inputs };
  const blocked = await gradients(entry, { target: 'cpu', channelBlock: block });
  const plain = await gradients(entry, { target: 'cpu' });
  blocked.forEach((gradient, i) => {
    expect(worstError(gradient, Float64Array.from(plain[i]!))).toBeLessThan(1e-4);
  });
});
