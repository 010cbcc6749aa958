import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GraphError } from './errors.ts';
import { fileOf, node, smallGraph } from './file/test-models.ts';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  TensorProto_DataType as DataType,
  FunctionProtoSchema,
  type ModelProto,
  SparseTensorProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.js';
import type { Tensor } from './ir.ts';
import { importModel, readModelFile } from './read.ts';

const weights: Tensor = { dtype: 'float32', dims: [3], data: Float32Array.of(1, -2, 3) };
const base = smallGraph({
  nodes: [node('Add', ['x', 'w'], ['a']), node('Relu', ['a'], ['y'])],
  inputs: { x: ['N', 3] },
  initializers: { w: weights },
});

/** Imports the base graph after a change to its file. */
function imported(change: (model: ModelProto) => void, opset = 13) {
  return importModel(fileOf(base, opset, change));
}

/** Turns the weights of the base graph into an external tensor. */
function external(entries: Record<string, string>) {
  return (model: ModelProto) => {
    const [tensor] = model.graph!.initializer;
    tensor.rawData = new Uint8Array();
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
  };
}

function attribute(name: string, type: AttributeProto_AttributeType) {
  return create(AttributeProtoSchema, { name, type });
}

describe('importModel', () => {
  it('reads nodes, values and weights', () => {
    const graph = imported(() => {});
    expect(graph.nodes).toEqual(base.nodes);
    expect(graph.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['N', 3] }]);
    expect(graph.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: null }]);
    expect(graph.initializers).toEqual(new Map([['w', weights]]));
  });

  it.each<[keyof typeof DataType, string, object, unknown]>([
    ['FLOAT', 'float32', { floatData: [1.5, -2] }, Float32Array.of(1.5, -2)],
    ['DOUBLE', 'float32', { doubleData: [1.5, -2] }, Float32Array.of(1.5, -2)],
    ['FLOAT16', 'float32', { int32Data: [0x3c00, 0xc000] }, Float32Array.of(1, -2)],
    ['BFLOAT16', 'float32', { int32Data: [0x3f80, 0xc000] }, Float32Array.of(1, -2)],
    ['INT8', 'int8', { int32Data: [-1, 2] }, Int8Array.of(-1, 2)],
    ['UINT8', 'uint8', { int32Data: [255, 2] }, Uint8Array.of(255, 2)],
    ['INT32', 'int32', { int32Data: [-1, 2] }, Int32Array.of(-1, 2)],
    ['INT64', 'int64', { int64Data: [-1n, 2n ** 60n] }, BigInt64Array.of(-1n, 2n ** 60n)],
    ['UINT32', 'uint32', { uint64Data: [1n, 2n ** 31n] }, Uint32Array.of(1, 2 ** 31)],
    ['UINT64', 'uint64', { uint64Data: [1n, 2n ** 63n] }, BigUint64Array.of(1n, 2n ** 63n)],
    ['BOOL', 'bool', { int32Data: [1, 0] }, Uint8Array.of(1, 0)],
  ])('reads %s tensors kept as lists', (name, dtype, lists, data) => {
    const tensor = create(TensorProtoSchema, { name: 't', dims: [2n], dataType: DataType[name], ...lists });
    const graph = imported((model) => model.graph!.initializer.push(tensor));
    expect(graph.initializers.get('t')).toEqual({ dtype, dims: [2], data });
  });

  it('views aligned weights in place and copies the others', () => {
    const file = fileOf(base, 21);
    for (let shift = 0; shift < 4; shift++) {
      const room = new Uint8Array(new ArrayBuffer(file.length + 4), shift, file.length);
      room.set(file);
      const { data } = importModel(room).initializers.get('w')!;
      expect(data).toEqual(weights.data);
      expect(data.buffer === room.buffer).toBe(data.buffer.byteLength > 100);
    }
  });

  it('turns constants of every form into initializers', () => {
    const forms = {
      value: { type: 'tensor', value: weights },
      value_float: { type: 'float', value: 0.5 },
      value_floats: { type: 'floats', value: [0.5, 1] },
      value_int: { type: 'int', value: -3 },
      value_ints: { type: 'ints', value: [1, -3] },
    } as const;
    const constants = Object.entries(forms).map(([name, form]) =>
      node('Constant', [], [name], { [name]: form }),
    );
    const graph = importModel(fileOf({ ...base, nodes: [...base.nodes, ...constants] }, 13));
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Add', 'Relu']);
    expect(Object.fromEntries(graph.initializers)).toEqual({
      w: weights,
      value: weights,
      value_float: { dtype: 'float32', dims: [], data: Float32Array.of(0.5) },
      value_floats: { dtype: 'float32', dims: [2], data: Float32Array.of(0.5, 1) },
      value_int: { dtype: 'int64', dims: [], data: BigInt64Array.of(-3n) },
      value_ints: { dtype: 'int64', dims: [2], data: BigInt64Array.of(1n, -3n) },
    });
  });

  it('sorts nodes, names nameless ones and takes initializers from the inputs', () => {
    const graph = imported(({ graph }) => {
      graph!.node.reverse();
      graph!.node[0].name = '';
      graph!.node[1].name = 'Relu_0';
      graph!.input.push(create(ValueInfoProtoSchema, { name: 'w' }));
    });
    expect(graph.nodes.map(({ op, name }) => [op, name])).toEqual([
      ['Add', 'Relu_0'],
      ['Relu', 'Relu_0_'],
    ]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('keeps symbols that are names and multiples, and makes unknowns of the rest', () => {
    const x = smallGraph({ nodes: [node('Relu', ['x'], ['y'])], inputs: { x: ['N', '4*N', 'a*b', 1, 2] } });
    const file = fileOf(x, 13, ({ graph }) => {
      const { dim } = graph!.input[0].type!.tensorType!.shape!;
      dim[3].value = { case: undefined };
      dim[4].value = { case: 'dimValue', value: -1n };
    });
    const { shape } = importModel(file).inputs[0];
    expect(shape).toEqual(['N', '4*N', 'a_b', expect.stringMatching(/^\?/), expect.stringMatching(/^\?/)]);
    expect(shape![3]).not.toBe(shape![4]);
  });

  it.each<[string, (model: ModelProto) => void, string, string]>([
    [
      'a graph of opset 8',
      (m) => (m.opsetImport[0].version = 8n),
      'bad-graph',
      'The file is of opset 8; export the model again with opset_version between 9 and 21',
    ],
    [
      'a graph of opset 22',
      (m) => (m.opsetImport[0].version = 22n),
      'bad-graph',
      'The file is of opset 22; export the model again with opset_version between 9 and 21',
    ],
    [
      'a file without opset',
      (m) => m.opsetImport.pop(),
      'bad-graph',
      'The file should import one version of the ONNX operator set',
    ],
    ['a file without graph', (m) => delete m.graph, 'bad-file', 'Not an ONNX file: it holds no graph'],
    [
      'functions',
      (m) => m.functions.push(create(FunctionProtoSchema, { name: 'Relu' })),
      'unsupported-operator',
      "Node 'Relu_of_y' calls the function 'Relu', which the file defines; export the model with functions inlined",
    ],
    [
      'control flow',
      (m) => {
        m.graph!.node[0].opType = 'If';
        m.graph!.node[0].attribute.push(attribute('then_branch', AttributeProto_AttributeType.GRAPH));
      },
      'unsupported-operator',
      "Control flow with subgraphs is not supported; export the model without it (operator If, node 'Add_of_a')",
    ],
    [
      'sparse attributes',
      (m) => m.graph!.node[0].attribute.push(attribute('v', AttributeProto_AttributeType.SPARSE_TENSOR)),
      'unsupported-operator',
      "Attribute 'v' is of a kind that we can't handle (SPARSE_TENSOR) (operator Add, node 'Add_of_a')",
    ],
    [
      'sparse initializers',
      (m) => m.graph!.sparseInitializer.push(create(SparseTensorProtoSchema, { values: { name: 's' } })),
      'bad-graph',
      "Initializer 's' is sparse, which is not supported",
    ],
    [
      'string tensors',
      (m) => (m.graph!.initializer[0].dataType = DataType.STRING),
      'bad-graph',
      "Tensor 'w' has elements of type STRING, which we can't handle",
    ],
    [
      'element types of the future',
      (m) => (m.graph!.initializer[0].dataType = 99),
      'bad-graph',
      "Tensor 'w' has elements of type number 99, which we can't handle",
    ],
    [
      'missing data',
      (m) => (m.graph!.initializer[0].rawData = new Uint8Array()),
      'bad-graph',
      "Tensor 'w' has 0 values where its dims [3] ask for 3",
    ],
    [
      'data of another length',
      (m) => (m.graph!.initializer[0].dims = [4n]),
      'bad-graph',
      "Tensor 'w' has 12 bytes where its dims [4] ask for 16",
    ],
    [
      'negative dims',
      (m) => (m.graph!.initializer[0].dims = [-3n, -1n]),
      'bad-graph',
      "Tensor 'w' has a negative extent in its dims [-3, -1]",
    ],
    [
      'huge dims',
      (m) => (m.graph!.initializer[0].dims = [0n, 2n ** 62n]),
      'bad-graph',
      `Tensor 'w' has impossible dims [0, ${2n ** 62n}]`,
    ],
    [
      'integers beyond the safe ones',
      (m) => {
        m.graph!.node[0].attribute.push(attribute('axis', AttributeProto_AttributeType.INT));
        m.graph!.node[0].attribute[0].i = 2n ** 60n;
      },
      'bad-graph',
      `Attribute 'axis' has the value ${2n ** 60n}, beyond the safe integers (operator Add, node 'Add_of_a')`,
    ],
    [
      'names that would break a line',
      (m) => (m.graph!.node[0].name = 'a\n\u001b[2J'),
      'bad-file',
      "The file is damaged: 'a??[2J' can't be a name",
    ],
    [
      'a value assigned twice',
      (m) => (m.graph!.node[1].output = ['a']),
      'bad-graph',
      "Value 'a' is assigned twice (operator Relu, node 'Relu_of_y')",
    ],
    [
      'an initializer twice',
      (m) => m.graph!.initializer.push(m.graph!.initializer[0]),
      'bad-graph',
      "Initializer 'w' is there twice",
    ],
    [
      'an input that nothing defines',
      (m) => (m.graph!.node[1].input = ['z']),
      'bad-graph',
      "Input 'z' is not defined anywhere in the graph (operator Relu, node 'Relu_of_y')",
    ],
    [
      'an output that nothing computes',
      (m) => (m.graph!.output[0].name = 'z'),
      'bad-graph',
      "Graph output 'z' is not computed by any node",
    ],
    ['no output', (m) => (m.graph!.output = []), 'bad-graph', 'The graph has no output'],
    [
      'a cycle',
      (m) => (m.graph!.node[0].input = ['x', 'y']),
      'bad-graph',
      "The graph has a cycle through this node (operator Add, node 'Add_of_a')",
    ],
    [
      'an input that is no tensor',
      (m) => (m.graph!.input[0].type = create(TypeProtoSchema)),
      'bad-graph',
      "Value 'x' is not a tensor; sequences, maps and optionals are not supported",
    ],
    [
      'weights beside the model, read from memory',
      external({ location: 'w.bin' }),
      'bad-file',
      "Tensor 'w' is stored in the file 'w.bin' beside the model; open the model by its path",
    ],
  ])('refuses %s', (_, change, code, message) => {
    let error: unknown;
    try {
      imported(change);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(GraphError);
    expect(error).toMatchObject({ code, message });
  });

  it('names a node on the cycle, not one that only waits for it', () => {
    const nodes = [node('Relu', ['c'], ['d']), node('Add', ['x', 'c'], ['b']), node('Relu', ['b'], ['c'])];
    const file = fileOf(smallGraph({ nodes, inputs: { x: [1] }, outputs: { d: 'float32' } }), 13);
    expect(() => importModel(file)).toThrow(/cycle .*'(Add_of_b|Relu_of_c)'/);
  });

  it('answers every truncation and every flipped bit with a graph or a GraphError', () => {
    const file = fileOf(base, 13);
    const attempt = (bytes: Uint8Array) => {
      try {
        importModel(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(GraphError);
      }
    };
    for (let end = 0; end < file.length; end++) {
      attempt(file.slice(0, end));
      for (let bit = 0; bit < 8; bit++) {
        const flipped = file.slice();
        flipped[end] ^= 1 << bit;
        attempt(flipped);
      }
    }
    expect(() => importModel(file.slice(0, -1))).toThrow(
      'Not a whole ONNX file: it is truncated, damaged, or of another format',
    );
  });
});

describe('readModelFile', () => {
  let folder = '';
  const write = async (entries: Record<string, string>) => {
    const path = join(folder, 'model.onnx');
    await writeFile(path, fileOf(base, 13, external(entries)));
    return path;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-read-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads weights from the file beside the model', async () => {
    const data = new Uint8Array(20);
    data.set(new Uint8Array(weights.data.buffer), 5);
    await writeFile(join(folder, 'w.bin'), data);
    const path = await write({ location: 'w.bin', offset: '5', length: '12' });
    expect((await readModelFile(path)).initializers.get('w')).toEqual(weights);
  });

  it.each<[Record<string, string>, string]>([
    [
      { location: '../w.bin' },
      "External data of tensor 'w' lies at '../w.bin', which isn't a path inside the model's folder",
    ],
    [
      { location: '/etc/passwd' },
      "External data of tensor 'w' lies at '/etc/passwd', which isn't a path inside the model's folder",
    ],
    [
      { location: 'a\\..\\w' },
      "External data of tensor 'w' lies at 'a\\..\\w', which isn't a path inside the model's folder",
    ],
    [
      { location: 'C:w' },
      "External data of tensor 'w' lies at 'C:w', which isn't a path inside the model's folder",
    ],
    [{}, "External data of tensor 'w' lies at '', which isn't a path inside the model's folder"],
    [{ location: 'none' }, "The external data file 'none' can't be opened; it belongs beside the model"],
    [{ location: 'link' }, "The external data file 'link' is a link that leaves the model's folder"],
    [{ location: 'short' }, "The file 'short' is too short for tensor 'w' (12 bytes at 0)"],
    [{ location: 'short', offset: '-4' }, "External data of tensor 'w' has a bad offset '-4'"],
    [
      { location: 'short', offset: '900000000000000' },
      "The file 'short' is too short for tensor 'w' (12 bytes at 900000000000000)",
    ],
    [{ location: 'short', length: '8' }, "External data of tensor 'w' has 8 bytes where its dims ask for 12"],
  ])('refuses external data at %j', async (entries, message) => {
    await writeFile(join(folder, 'short'), new Uint8Array(8));
    await symlink(tmpdir(), join(folder, 'link'));
    const path = await write(entries);
    await expect(readModelFile(path)).rejects.toMatchObject({
      code: 'bad-file',
      message: `model.onnx: ${message}`,
    });
  });

  it('says when there is no such file', async () => {
    const path = join(folder, 'none.onnx');
    await expect(readModelFile(path)).rejects.toMatchObject({
      code: 'not-found',
      message: `There is no model file ${path}`,
    });
  });
});
