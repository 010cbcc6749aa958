import { afterAll, beforeAll, expect, it } from 'vitest';
import { GraphBuilder, int, ints } from '../graph/builder.ts';
import { emptyGraph } from '../graph/copy.ts';
import { writeModel } from '../graph/index.ts';
import type { Graph, Tensor } from '../graph/ir.ts';
import { blockConvolutions, channelBlock } from './blocked.ts';
import { createRuntime, type Runtime } from './index.ts';

let runtime: Runtime;
let block: number;
beforeAll(async () => {
  runtime = await createRuntime({ providers: ['cpu'], threads: 2 });
  block = await channelBlock(runtime);
});
afterAll(() => runtime.close());

const wave = (dims: readonly number[], seed: number): Tensor => {
  const length = dims.reduce((product, extent) => product * extent, 1);
  const data = Float32Array.from({ length }, (_, i) => Math.sin(seed + 12.9898 * i * (1 + seed)));
  return { dtype: 'float32', dims, data };
};

interface Case {
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly group?: number;
  readonly pads?: readonly number[];
  readonly dilation?: number;
}

/** Two convolutions of one image, one with a bias, and their sum: kernels are fed. */
function graphOf(test: Case): { graph: Graph; feeds: Record<string, Tensor> } {
  const { channels, filters, kernel, stride = 1, group = 1, pads = [0, 0, 0, 0], dilation = 1 } = test;
  const graph = emptyGraph('convolutions');
  const b = new GraphBuilder(graph, 'test');
  const dims = [filters, channels / group, kernel, kernel];
  const shapes = { x: [2, channels, 9, 7], first: dims, second: dims, bias: [filters] };
  for (const [name, shape] of Object.entries(shapes)) b.input(name, { dtype: 'float32', shape });
  const attributes = {
    kernel_shape: ints([kernel, kernel]),
    strides: ints([stride, stride]),
    dilations: ints([dilation, dilation]),
    pads: ints(pads),
    group: int(group),
  };
  const [one, two] = [
    b.add('Conv', ['x', 'first'], attributes),
    b.add('Conv', ['x', 'second', 'bias'], attributes),
  ];
  const sum = b.add('Add', [one, two]);
  graph.outputs = [one, two, sum].map((name) => ({ name, ...b.type(name) }));
  const feeds = Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, wave(shape, i)]));
  return { graph, feeds };
}

const run = async (graph: Graph, feeds: Record<string, Tensor>): Promise<Float32Array[]> => {
  const session = await runtime.load(writeModel(graph));
  const results = await session.run(feeds);
  await session.release();
  return graph.outputs.map(({ name }) => results[name]!.data as Float32Array);
};

const cases: Record<string, Case> = {
  'a plain one': { channels: 16, filters: 32, kernel: 3, pads: [1, 1, 1, 1] },
  'a strided one': { channels: 32, filters: 16, kernel: 3, stride: 2, pads: [0, 0, 1, 1] },
  'a dilated one': { channels: 16, filters: 16, kernel: 3, dilation: 2, pads: [2, 2, 2, 2] },
  'single places': { channels: 32, filters: 48, kernel: 1 },
  'single places with a stride': { channels: 16, filters: 48, kernel: 1, stride: 2 },
  'few channels': { channels: 3, filters: 16, kernel: 5, stride: 2, pads: [1, 1, 2, 2] },
  'channels that do not mix': { channels: 32, filters: 32, kernel: 3, group: 32, pads: [1, 1, 1, 1] },
  'strided ones that do not mix': {
    channels: 32,
    filters: 32,
    kernel: 3,
    stride: 2,
    group: 32,
    pads: [0, 0, 1, 1],
  },
};

it.each(Object.entries(cases))('convolves alike in blocks: %s', async (_, test) => {
  const { graph, feeds } = graphOf(test);
  const blocked = blockConvolutions(graph, block);
  expect(blocked.nodes.some(({ op }) => op === 'ReorderOutput')).toBe(block > 0);
  const [expected, actual] = [await run(graph, feeds), await run(blocked, feeds)];
  actual.forEach((values, i) => {
    const gap = values.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[i]![at]!)), 0);
    expect(gap).toBeLessThan(1e-4);
  });
});

it.each([
  ['channels that part unevenly', { channels: 20, filters: 16, kernel: 3 }],
  ['filters that part unevenly', { channels: 16, filters: 20, kernel: 3 }],
  ['groups of several', { channels: 32, filters: 32, kernel: 3, group: 2 }],
] as const)('leaves as it is: %s', (_, test) => {
  const { graph } = graphOf(test);
  expect(blockConvolutions(graph, 16).nodes).toEqual(graph.nodes);
});
