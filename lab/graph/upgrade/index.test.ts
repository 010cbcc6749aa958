import { describe, expect, it } from 'vitest';
import { fileOf, node, runFile, type SmallGraph, smallGraph } from '../file/test-models.ts';
import type { Attribute, Tensor } from '../ir.ts';
import { importModel } from '../read.ts';
import { writeModel } from '../write.ts';

const int = (value: number): Attribute => ({ type: 'int', value });
const ints = (...value: number[]): Attribute => ({ type: 'ints', value });
const float = (value: number): Attribute => ({ type: 'float', value });
const string = (value: string): Attribute => ({ type: 'string', value });
const floats = (...values: number[]): Tensor => ({
  dtype: 'float32',
  dims: [values.length],
  data: Float32Array.from(values),
});
const longs = (...values: number[]): Tensor => ({
  dtype: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

interface Row extends SmallGraph {
  readonly opset: number;
}

const image = { x: ['N', 4, 5, 6] };
const one = (op: string, attributes: Record<string, Attribute> = {}, ...constants: string[]) => [
  node(op, ['x', ...constants], ['y'], attributes),
];
const axes = { axes: ints(1, -1), keepdims: int(0) };
const channels = {
  scale: floats(1, 2, 3, 4),
  bias: floats(0, 1, 0, -1),
  mean: floats(0.1, 0.2, 0, 0),
  variance: floats(1, 2, 3, 1),
};

/** One row for each old form: the file as it was written then must compute the same as what we make of it. */
const rows: Record<string, Row> = {
  'Clip with two bounds': {
    opset: 9,
    nodes: one('Clip', { min: float(-0.5), max: float(1) }),
    inputs: image,
  },
  'Clip with an upper bound': { opset: 9, nodes: one('Clip', { max: float(1) }), inputs: image },
  'Clip with a lower bound': { opset: 10, nodes: one('Clip', { min: float(0) }), inputs: image },
  'Clip without bounds': { opset: 10, nodes: one('Clip'), inputs: image },
  'Pad with a value': {
    opset: 9,
    nodes: one('Pad', { pads: ints(0, 0, 1, 2, 0, 0, 3, 0), value: float(7) }),
    inputs: image,
  },
  'Pad by reflection': {
    opset: 10,
    nodes: one('Pad', { pads: ints(0, 0, 1, 2, 0, 0, 3, 0), mode: string('reflect') }),
    inputs: image,
  },
  'Slice to the end': {
    opset: 9,
    nodes: one('Slice', { starts: ints(1, -4), ends: ints(Number.MAX_SAFE_INTEGER, -1), axes: ints(1, 3) }),
    inputs: image,
  },
  'Slice without axes': {
    opset: 9,
    nodes: one('Slice', { starts: ints(0, 1), ends: ints(9, 3) }),
    inputs: image,
  },
  'Squeeze of one axis': {
    opset: 12,
    nodes: [node('Squeeze', ['x'], ['y'], { axes: ints(1) })],
    inputs: { x: ['N', 1, 3, 1] },
  },
  'Squeeze of all': { opset: 11, nodes: one('Squeeze'), inputs: { x: [3, 1, 2, 1] } },
  Unsqueeze: { opset: 11, nodes: one('Unsqueeze', { axes: ints(0, -1) }), inputs: image },
  'Split into sizes': {
    opset: 11,
    nodes: [
      node('Split', ['x'], ['a', 'b'], { axis: int(1), split: ints(1, 3) }),
      node('Concat', ['b', 'a'], ['y'], { axis: int(1) }),
    ],
    inputs: image,
  },
  'Split in halves': {
    opset: 13,
    nodes: [node('Split', ['x'], ['a', 'b'], { axis: int(1) }), node('Sub', ['a', 'b'], ['y'])],
    inputs: image,
  },
  TopK: {
    opset: 9,
    nodes: [node('TopK', ['x'], ['y', 'i'], { k: int(3), axis: int(2) })],
    inputs: image,
    outputs: { y: 'float32', i: 'int64' },
  },
  'Dropout of opset 9': { opset: 9, nodes: one('Dropout', { ratio: float(0.3) }), inputs: image },
  'Dropout of opset 10': { opset: 10, nodes: one('Dropout'), inputs: image },
  BatchNormalization: {
    opset: 9,
    nodes: one('BatchNormalization', { epsilon: float(0.01) }, 'scale', 'bias', 'mean', 'variance'),
    inputs: image,
    initializers: channels,
  },
  GroupNormalization: {
    opset: 18,
    nodes: one('GroupNormalization', { num_groups: int(2) }, 'scale', 'bias'),
    inputs: image,
    initializers: { scale: floats(2, 3), bias: floats(1, -1) },
  },
  'Softmax over rows': { opset: 11, nodes: one('Softmax'), inputs: image },
  'LogSoftmax over rows from axis 2': {
    opset: 12,
    nodes: one('LogSoftmax', { axis: int(2) }),
    inputs: image,
  },
  'Hardmax over rows': { opset: 9, nodes: one('Hardmax', { axis: int(2) }), inputs: image },
  'Softmax over rows from the end': { opset: 11, nodes: one('Softmax', { axis: int(-2) }), inputs: image },
  'Upsample to the nearest': {
    opset: 9,
    nodes: one('Upsample', { mode: string('nearest') }, 'scales'),
    inputs: image,
    initializers: { scales: floats(1, 1, 2, 1.5) },
  },
  'Upsample, linear': {
    opset: 9,
    nodes: one('Upsample', { mode: string('linear') }, 'scales'),
    inputs: image,
    initializers: { scales: floats(1, 1, 2, 3) },
  },
  'Resize of opset 10, down': {
    opset: 10,
    nodes: one('Resize', { mode: string('nearest') }, 'scales'),
    inputs: image,
    initializers: { scales: floats(1, 1, 0.6, 0.6) },
  },
  'Resize of opset 11 to sizes': {
    opset: 11,
    nodes: one('Resize', { mode: string('linear') }, 'none', 'none', 'sizes'),
    inputs: image,
    initializers: { none: floats(), sizes: longs(2, 4, 7, 9) },
  },
  'Resize with the coordinates of TensorFlow': {
    opset: 11,
    nodes: one(
      'Resize',
      { coordinate_transformation_mode: string('tf_half_pixel_for_nn'), nearest_mode: string('floor') },
      'none',
      'scales',
    ),
    inputs: image,
    initializers: { none: floats(), scales: floats(1, 1, 1.7, 0.6) },
  },
  Scatter: {
    opset: 9,
    nodes: one('Scatter', { axis: int(1) }, 'at', 'updates'),
    inputs: { x: [1, 5] },
    initializers: { at: { ...longs(1, 3), dims: [1, 2] }, updates: { ...floats(8, 9), dims: [1, 2] } },
  },
  GridSample: {
    opset: 16,
    nodes: [node('GridSample', ['x', 'grid'], ['y'], { mode: string('bicubic') })],
    inputs: { x: [1, 2, 5, 6], grid: [1, 3, 3, 2] },
  },
  RoiAlign: {
    opset: 10,
    nodes: one('RoiAlign', { output_height: int(2), output_width: int(2) }, 'rois', 'batches'),
    inputs: { x: [1, 2, 5, 6] },
    initializers: { rois: { ...floats(0, 0, 3, 4), dims: [1, 4] }, batches: longs(0) },
  },
  'AveragePool, ceiling': {
    opset: 10,
    nodes: one('AveragePool', { kernel_shape: ints(3, 3), strides: ints(2, 2), ceil_mode: int(1) }),
    inputs: image,
  },
  'MaxPool of opset 8': {
    opset: 9,
    nodes: one('MaxPool', { kernel_shape: ints(3, 2), strides: ints(2, 3), pads: ints(1, 0, 1, 1) }),
    inputs: image,
  },
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].flatMap((kind) => [
      [
        `Reduce${kind} along axes`,
        { opset: kind === 'Sum' ? 12 : 17, nodes: one(`Reduce${kind}`, axes), inputs: image },
      ],
      [`Reduce${kind} of all`, { opset: 11, nodes: one(`Reduce${kind}`), inputs: image }],
    ]),
  ),
};

describe('upgradeGraph', () => {
  it.each(Object.entries(rows))('keeps what %s computes', async (_, row) => {
    const file = fileOf(smallGraph(row), row.opset);
    const upgraded = writeModel(importModel(file));
    const expected = await runFile(file, row.inputs);
    const actual = await runFile(upgraded, row.inputs);
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [name, { dims, data }] of expected) {
      expect(actual.get(name)!.dims).toEqual(dims);
      const worst = data.reduce((error, x, i) => Math.max(error, Math.abs(x - actual.get(name)!.data[i])), 0);
      expect(worst).toBeLessThan(1e-5);
    }
  });

  it('leaves a Softmax over the last axis in one piece', () => {
    const nodes = [node('Flatten', ['x'], ['f']), node('Relu', ['f'], ['r']), node('Softmax', ['r'], ['y'])];
    const graph = importModel(fileOf(smallGraph({ nodes, inputs: image }), 11));
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Flatten', 'Relu', 'Softmax']);
    expect(graph.nodes[2].attributes.axis).toEqual(int(-1));
  });

  it('reads more than one output of an old BatchNormalization as training', async () => {
    const inputs = ['x', 'scale', 'bias', 'mean', 'variance'];
    const nodes = [node('BatchNormalization', inputs, ['y', 'm', 'v', 'sm', 'sv'])];
    const graph = importModel(fileOf(smallGraph({ nodes, inputs: image, initializers: channels }), 9));
    expect(graph.nodes[0].attributes.training_mode).toEqual(int(1));
    expect(graph.nodes[0].outputs).toEqual(['y', 'm', 'v']);
  });

  it('rewrites no operator of another domain', () => {
    const nodes = [{ ...node('Clip', ['x'], ['y'], { min: float(0) }), domain: 'com.example' }];
    const graph = importModel(fileOf(smallGraph({ nodes, inputs: image }), 9));
    expect(graph.nodes).toEqual(nodes);
  });

  it.each<[string, Row, string]>([
    [
      'a Dropout whose mask is read',
      { opset: 9, nodes: [node('Dropout', ['x'], ['d', 'y'])], inputs: image, outputs: { y: 'float32' } },
      "The mask of this Dropout is read; export the model in inference mode (operator Dropout, node 'Dropout_of_d')",
    ],
    [
      'saved statistics that are read',
      {
        opset: 9,
        nodes: [node('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'variance'], ['y', 'm', 'v', 's'])],
        inputs: image,
        initializers: channels,
        outputs: { s: 'float32' },
      },
      "The saved statistics of this node are read, which is not supported (operator BatchNormalization, node 'BatchNormalization_of_y')",
    ],
    [
      'a Resize that enlarges and reduces',
      {
        opset: 10,
        nodes: one('Resize', {}, 'scales'),
        inputs: image,
        initializers: { scales: floats(1, 1, 2, 0.5) },
      },
      "Enlarging one axis and reducing another at once is not supported below opset 11 (operator Resize, node 'Resize_of_y')",
    ],
  ])('refuses %s', (_, row, message) => {
    expect(() => importModel(fileOf(smallGraph(row), row.opset))).toThrow(message);
  });
});
