import { describe, expect, it } from 'vitest';
import { fileOf, node, numbers, runFile, smallGraph } from './file/test-models.ts';
import { TensorProto_DataType as DataType } from './generated/onnx_pb.js';
import { bfloatToFloat, halfToFloat } from './half.ts';
import type { Tensor } from './ir.ts';
import { importModel } from './read.ts';
import { writeModel } from './write.ts';

describe('halfToFloat', () => {
  it.each<[number, number]>([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x7e00, Number.NaN],
  ])('%i is %f', (bits, value) => {
    expect(halfToFloat(Uint16Array.of(bits))[0]).toBe(value);
  });
});

describe('bfloatToFloat', () => {
  it('takes the bits as the upper half', () => {
    expect([...bfloatToFloat(Uint16Array.of(0x3f80, 0xc2f7, 0xff80))]).toEqual([1, -123.5, -Infinity]);
  });
});

describe('widenHalf', () => {
  const half: Tensor = { dtype: 'float16', dims: [1], data: Uint16Array.of(0x3e00) };
  const attributes = { to: { type: 'int', value: DataType.FLOAT16 } } as const;
  const graph = smallGraph({
    nodes: [
      node('ConstantOfShape', ['s'], ['c'], { value: { type: 'tensor', value: half } }),
      node('Cast', ['i'], ['k'], attributes),
      node('Clip', ['x'], ['p'], { max: { type: 'float', value: 1 } }),
      node('Sum', ['c', 'k', 'p', 'w'], ['y']),
      node('Cast', ['i'], ['j'], { to: { type: 'int', value: DataType.INT32 } }),
    ],
    inputs: { x: [1] },
    initializers: {
      w: half,
      i: { dtype: 'int64', dims: [1], data: BigInt64Array.of(3n) },
      s: { dtype: 'int64', dims: [1], data: BigInt64Array.of(1n) },
      d: { dtype: 'float64', dims: [2], data: Float64Array.of(0.1, 1e300) },
    },
    outputs: { y: 'float16', j: 'int32' },
  });
  const wide = { dtype: 'float32', dims: [1], data: Float32Array.of(1.5) };

  it.each(['FLOAT16', 'BFLOAT16', 'DOUBLE'] as const)(
    'makes inputs and outputs of type %s float32',
    (type) => {
      const file = fileOf(graph, 9, (model) => {
        for (const value of [model.graph!.input[0], model.graph!.output[0]]) {
          value.type!.tensorType!.elemType = DataType[type];
        }
        model.graph!.node[1].attribute[0].i = BigInt(DataType[type]);
      });
      const { inputs, outputs, nodes } = importModel(file);
      expect([inputs[0].dtype, outputs[0].dtype, outputs[1].dtype]).toEqual(['float32', 'float32', 'int32']);
      expect(nodes[1].attributes.to).toEqual({ type: 'int', value: DataType.FLOAT });
      expect(nodes[4].attributes.to).toEqual({ type: 'int', value: DataType.INT32 });
    },
  );

  it('widens constants and attributes, and bounds that an upgrade made into constants', () => {
    const { initializers, nodes } = importModel(fileOf(graph, 9));
    expect(initializers.get('w')).toEqual(wide);
    expect(initializers.get('d')!.data).toEqual(Float32Array.of(0.1, Number.POSITIVE_INFINITY));
    expect(initializers.get('i')!.dtype).toBe('int64');
    expect(nodes[0].attributes.value).toEqual({ type: 'tensor', value: wide });
    expect(initializers.get(nodes[2].inputs[2])).toMatchObject({ dtype: 'float32' });
  });

  it('computes what a model in halves computes, to their precision', async () => {
    const inputs = { x: [2, 3, 6, 5] };
    // Halves near ±1: sign, exponent 15, and bits of the fraction.
    const bits = Uint16Array.from(
      numbers(4 * 27),
      (x) => (x < 0 ? 0xbc00 : 0x3c00) | (Math.abs(x * 500) & 0x3ff),
    );
    const cast = (type: DataType) => ({ to: { type: 'int', value: type } }) as const;
    const model = smallGraph({
      nodes: [
        node('Cast', ['x'], ['h'], cast(DataType.FLOAT16)),
        node('Conv', ['h', 'w'], ['c']),
        node('Softmax', ['c'], ['s']),
        node('Cast', ['s'], ['y'], cast(DataType.FLOAT)),
      ],
      inputs,
      initializers: { w: { dtype: 'float16', dims: [4, 3, 3, 3], data: bits } },
    });
    const file = fileOf(model, 13);
    const [expected, actual] = [
      await runFile(file, inputs),
      await runFile(writeModel(importModel(file)), inputs),
    ];
    const { dims, data } = expected.get('y')!;
    expect(actual.get('y')!.dims).toEqual(dims);
    const worst = data.reduce((error, x, i) => Math.max(error, Math.abs(x - actual.get('y')!.data[i])), 0);
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(1e-2);
  });
});
