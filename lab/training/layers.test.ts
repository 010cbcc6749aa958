import { describe, expect, it, test } from 'vitest';
import { differentiate, FEEDS } from '../autodiff/index.ts';
import { copyGraph } from '../graph/copy.ts';
import { evaluateGraph } from '../graph/evaluate/index.ts';
import { floats } from '../graph/evaluate/testing/case.ts';
import { removeDeadNodes } from '../graph/fold.ts';
import type { Graph, Tensor } from '../graph/ir.ts';
import { numbersOf } from '../graph/tensors.ts';
import { type BuildOptions, type BuiltNetwork, buildNetwork, INPUT, OUTPUT, type Weights } from './build.ts';
import { ACTIVATIONS, type Layer, networkSchema } from './network.ts';

/** Layers: gradients at weights and images against finite differences in float64; shapes; what the two modes share. */

const input = { height: 5, width: 4, channels: 2 };
const COUNT = 3;

function build(layers: readonly Layer[], options: Partial<BuildOptions> = {}): BuiltNetwork {
  return buildNetwork({ layers }, { mode: 'training', input, layout: 'nchw', seed: 7, ...options });
}

/** Weights that are nowhere special: biases begin at zero, scales at one. */
function stirred(weights: Weights): Map<string, Tensor> {
  return new Map(
    [...weights].map(([name, { dtype, dims, data }]) => {
      const wave = Float32Array.from(data as Float32Array, (v, i) => v + 0.1 + 0.05 * Math.sin(3 * i + 1));
      return [name, { dtype, dims, data: wave }];
    }),
  );
}

function maskFeeds(network: BuiltNetwork): Record<string, Tensor> {
  return Object.fromEntries(
    network.masks.map(({ input: name, shape }) => {
      const dims = [COUNT, ...shape];
      const length = dims.reduce((p, n) => p * n, 1);
      const data = Uint8Array.from({ length }, (_, i) => (i % 3 === 0 ? 0 : 1));
      return [name, { dtype: 'uint8', dims, data }];
    }),
  );
}

function value(graph: Graph, feeds: Record<string, Tensor>, name: string): Float64Array {
  const tensor = evaluateGraph(graph, feeds, { float64: true, fetches: [name] }).get(name)!;
  return Float64Array.from(numbersOf(tensor));
}

/** The worst gap between derived and finite differences, over every weight and the images. */
function worstGap(layers: readonly Layer[]): number {
  const plain = build(layers);
  const network = build(layers, { weights: stirred(plain.weights) });
  const wrt = [...network.trained, INPUT];
  const derived = differentiate(network.graph, { loss: { kind: 'cotangent' }, wrt });
  const forward = copyGraph(derived.graph);
  forward.outputs = forward.outputs.filter(({ name }) => name === derived.loss);
  removeDeadNodes(forward);
  const images = floats(COUNT, input.channels, input.height, input.width);
  const weights = Object.fromEntries(network.trained.map((name) => [name, network.weights.get(name)!]));
  const feeds: Record<string, Tensor> = { [INPUT]: images, ...weights, ...maskFeeds(network) };
  const output = evaluateGraph(network.graph, { [INPUT]: images, ...maskFeeds(network) }).get(OUTPUT)!;
  feeds[FEEDS.cotangent] = floats(...output.dims);
  feeds[FEEDS.weights] = { dtype: 'float32', dims: [COUNT], data: Float32Array.of(1, 0.5, -2) };
  const total = (over: Record<string, Tensor>): number => {
    const [first, second, third] = value(forward, { ...feeds, ...over }, derived.loss);
    return first! + 0.5 * second! - 2 * third!;
  };
  const gaps = wrt.map((name) => {
    const gradient = value(derived.graph, feeds, derived.gradients.get(name)!);
    const base = Float64Array.from(numbersOf(feeds[name]!));
    const truth = base.map((_, i) => {
      const moved = (step: number) => {
        const data = base.slice();
        data[i]! += step;
        return total({ [name]: { dtype: 'float64', dims: feeds[name]!.dims, data } });
      };
      return (moved(1e-5) - moved(-1e-5)) / 2e-5;
    });
    const scale = Math.max(1, ...truth.map(Math.abs));
    return Math.max(...truth.map((t, i) => Math.abs(t - gradient[i]!) / scale));
  });
  return Math.max(...gaps);
}

const conv: Layer = { type: 'conv', filters: 4, kernel: 3, padding: 'same' };

/** Of 5 × 4 pixels: one patch a pixel, as larger ones don't fit. */
const patches: Layer = { type: 'patch-embedding', patch: 1, width: 4 };

const cases: readonly [string, readonly Layer[]][] = [
  ['conv, valid', [{ type: 'conv', filters: 3, kernel: 3 }]],
  ['conv, same', [conv]],
  [
    'conv, same, stride 2, even kernel',
    [{ type: 'conv', filters: 3, kernel: 4, stride: 2, padding: 'same' }],
  ],
  ['conv, stride 2', [{ type: 'conv', filters: 3, kernel: 2, stride: 2 }]],
  ['conv, groups, no bias', [{ type: 'conv', filters: 4, kernel: 3, groups: 2, bias: false }]],
  ['depthwise conv', [{ type: 'depthwise-conv', kernel: 3, padding: 'same' }]],
  ['depthwise conv, stride 2', [{ type: 'depthwise-conv', kernel: 3, stride: 2, padding: 'same' }]],
  ['transposed conv', [{ type: 'transposed-conv', filters: 3, kernel: 3 }]],
  [
    'transposed conv, same, stride 2',
    [{ type: 'transposed-conv', filters: 3, kernel: 4, stride: 2, padding: 'same' }],
  ],
  [
    'transposed conv, same, kernel below stride',
    [{ type: 'transposed-conv', filters: 2, kernel: 2, stride: 3, padding: 'same' }],
  ],
  ['dense', [{ type: 'dense', units: 3 }]],
  [
    'dense twice, no bias',
    [
      { type: 'dense', units: 4, bias: false },
      { type: 'dense', units: 3 },
    ],
  ],
  ['batch norm of images', [conv, { type: 'batch-norm' }]],
  [
    'batch norm of rows',
    [
      { type: 'dense', units: 4 },
      { type: 'batch-norm', epsilon: 1e-3 },
    ],
  ],
  ['max pool', [conv, { type: 'max-pool', kernel: 2 }]],
  ['max pool, same', [conv, { type: 'max-pool', kernel: 3, stride: 2, padding: 'same' }]],
  ['average pool, same', [conv, { type: 'average-pool', kernel: 2, padding: 'same' }]],
  ['global average pool', [conv, { type: 'global-average-pool' }]],
  [
    'reshape and upsample',
    [
      { type: 'dense', units: 8 },
      { type: 'reshape', shape: [2, 2, 2] },
      { type: 'upsample', factor: 2 },
    ],
  ],
  ['dropout', [conv, { type: 'dropout', rate: 0.25 }, { type: 'dense', units: 3 }]],
  [
    'residual',
    [
      conv,
      {
        type: 'residual',
        body: [conv, { type: 'batch-norm' }, { type: 'activation', function: 'tanh' }, conv],
      },
    ],
  ],
  [
    'residual with a shortcut',
    [
      {
        type: 'residual',
        body: [{ type: 'conv', filters: 4, kernel: 3, stride: 2, padding: 'same' }],
        shortcut: [
          { type: 'conv', filters: 4, kernel: 1, stride: 2, padding: 'same', bias: false },
          { type: 'batch-norm' },
        ],
      },
    ],
  ],
  ['patch embedding, a mean of tokens', [patches, { type: 'global-average-pool' }]],
  ['position embedding', [patches, { type: 'position-embedding' }]],
  ['layer norm of tokens', [patches, { type: 'layer-norm', epsilon: 1e-3 }]],
  ['layer norm of rows', [{ type: 'dense', units: 4 }, { type: 'layer-norm' }]],
  ['dense on tokens', [patches, { type: 'dense', units: 3 }, { type: 'dense', units: 2, bias: false }]],
  ['attention', [patches, { type: 'attention', heads: 2 }]],
  [
    'a block of a transformer',
    [
      { ...patches, width: 2 },
      { type: 'residual', body: [{ type: 'layer-norm' }, { type: 'attention', heads: 1 }] },
      {
        type: 'residual',
        body: [
          { type: 'dense', units: 2 },
          { type: 'dropout', rate: 0.5 },
        ],
      },
      { type: 'flatten' },
      { type: 'dense', units: 2 },
    ],
  ],
  ...ACTIVATIONS.map((name): [string, readonly Layer[]] => [
    name,
    [conv, { type: 'activation', function: name }],
  ]),
];

describe('gradients at every weight and at the images', () => {
  test.each(cases)('%s', (_name, layers) => {
    expect(worstGap(layers)).toBeLessThan(1e-5);
  });
});

describe('a network', () => {
  const layers: Layer[] = [
    { type: 'conv', filters: 4, kernel: 5, stride: 2, padding: 'same' },
    { type: 'batch-norm' },
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 3 },
  ];

  it('has the same weights in both modes, which depend on seed and place alone', () => {
    const training = build(layers);
    const inference = build(layers, { mode: 'inference', layout: 'nhwc' });
    expect(training.weights).toEqual(inference.weights);
    expect([...training.weights.keys()]).toEqual([
      '0/kernel',
      '0/bias',
      '1/scale',
      '1/bias',
      '1/mean',
      '1/variance',
      '3/kernel',
      '3/bias',
    ]);
    expect(training.trained).not.toContain('1/mean');
    expect(build(layers, { seed: 8 }).weights.get('3/kernel')).not.toEqual(training.weights.get('3/kernel'));
  });

  it("pads 'same' as TensorFlow does", () => {
    // 5 rows, stride 2, kernel 5: three windows reach 9 rows, two of padding before and two after.
    const { graph } = build([layers[0]!]);
    const [node] = graph.nodes;
    expect(node!.attributes.pads).toEqual({ type: 'ints', value: [2, 1, 2, 2] });
    expect(graph.types.get(OUTPUT)!.shape).toEqual(['N', 4, 3, 2]);
  });

  it('says which layer fits neither', () => {
    const wrong =
      (...bad: Layer[]) =>
      () =>
        build(bad);
    expect(wrong({ type: 'conv', filters: 2, kernel: 9 })).toThrow(
      "layer 0 (conv): its window of 9 is larger than the image's 5",
    );
    expect(wrong({ type: 'dense', units: 2 }, { type: 'max-pool', kernel: 2 })).toThrow(
      'layer 1 (max-pool): it takes images, not N×2',
    );
    expect(wrong({ type: 'residual', body: [conv, { type: 'conv', filters: 4, kernel: 8 }] })).toThrow(
      'layer 0.body.1 (conv)',
    );
    expect(wrong({ type: 'residual', body: [conv] })).toThrow('its body gives N×4×5×4, its shortcut N×2×5×4');
    expect(wrong({ type: 'conv', filters: 4, kernel: 3, groups: 3 })).toThrow("don't part into 3 groups");
    expect(wrong({ type: 'patch-embedding', patch: 2, width: 4 })).toThrow(
      "layer 0 (patch-embedding): 5×4 pixels don't part into patches of 2",
    );
    expect(wrong(patches, { type: 'attention', heads: 3 })).toThrow("4 channels don't part into 3 heads");
    expect(wrong({ type: 'attention', heads: 1 })).toThrow('it takes tokens, not N×2×5×4');
    expect(wrong(patches, { type: 'batch-norm' })).toThrow('tokens take layer-norm');
    expect(wrong(conv, { type: 'layer-norm' })).toThrow('it takes tokens or rows');
  });

  it('reads from data, and nothing else', () => {
    expect(networkSchema.parse({ layers }).layers).toEqual(layers);
    expect(() => networkSchema.parse({ layers: [{ type: 'conv', filters: 4 }] })).toThrow(/kernel/);
    expect(() => networkSchema.parse({ layers: [{ type: 'dropout', rate: 1 }] })).toThrow();
    expect(() => networkSchema.parse({ layers: [{ type: 'flatten', units: 1 }] })).toThrow(/units/);
  });
});
