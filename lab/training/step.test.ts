import { afterAll, beforeAll, expect, it } from 'vitest';
import { FEEDS } from '../autodiff/index.ts';
import type { Tensor } from '../graph/ir.ts';
import { createRuntime, type Runtime } from '../runtime/index.ts';
import { imageTensor } from './adversary.ts';
import { buildNetwork, INPUT } from './build.ts';
import { updateWeights } from './optimizer.ts';
import { openStep } from './step.ts';
import { madeUpData } from './testing.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ providers: ['cpu'], threads: 2 });
});
afterAll(() => runtime.close());

it('trains an autoencoder by its squared error, and the half of it that is asked for', async () => {
  const data = madeUpData();
  const { images } = await data.splits.train.read(Array.from({ length: 48 }, (_, i) => i));
  const network = buildNetwork(
    {
      layers: [
        { type: 'conv', filters: 8, kernel: 3, stride: 2, padding: 'same' },
        { type: 'activation', function: 'leaky-relu' },
        { type: 'upsample', factor: 2 },
        { type: 'transposed-conv', filters: 1, kernel: 3, padding: 'same' },
        { type: 'activation', function: 'sigmoid' },
      ],
    },
    { mode: 'training', layout: 'nhwc', input: data },
  );
  const decoder = network.trained.filter((name) => name.startsWith('3/'));
  const dims = [images.count, 1, 8, 8];
  const train = async (wrt: readonly string[]): Promise<number[]> => {
    const step = await openStep(runtime, network.graph, { loss: { kind: 'mse' }, wrt });
    const weights = new Map(
      wrt.map((name) => [name, (network.weights.get(name)!.data as Float32Array).slice()]),
    );
    const losses: number[] = [];
    for (let i = 1; i <= 40; i++) {
      const weightFeeds = [...weights].map(([name, values]): [string, Tensor] => [
        name,
        { dtype: 'float32', dims: network.weights.get(name)!.dims, data: values.slice() },
      ]);
      const result = await step.run({
        [INPUT]: imageTensor(images),
        ...Object.fromEntries(weightFeeds),
        [FEEDS.target]: { dtype: 'float32', dims, data: images.data.slice() },
        [FEEDS.weights]: { dtype: 'float32', dims: [48], data: new Float32Array(48).fill(1 / 48) },
      });
      losses.push(result.losses.reduce((sum, loss) => sum + loss, 0) / 48);
      expect([...result.gradients.keys()]).toEqual(wrt);
      for (const [name, gradient] of result.gradients) {
        const sgd = { type: 'sgd', rate: 1, momentum: 0, nesterov: false } as const;
        updateWeights(sgd, weights.get(name)!, gradient, [], { step: i, rate: 1, scale: 1, decay: 0 });
      }
    }
    await step.release();
    return losses;
  };
  const whole = await train(network.trained);
  const half = await train(decoder);
  expect(half[0]).toBe(whole[0]);
  expect(half.at(-1)!).toBeLessThan(half[0]! * 0.8);
  expect(whole.at(-1)!).toBeLessThan(half.at(-1)!);
});
