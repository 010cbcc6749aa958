import { afterAll, beforeAll, expect, it } from 'vitest';
import { floats } from '../../graph/evaluate/testing/case.ts';
import { writeModel } from '../../graph/index.ts';
import { createRuntime, type Runtime } from '../../runtime/index.ts';
import { derive, worstError } from '../testing/harness.ts';

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
