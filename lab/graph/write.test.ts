import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { node, numbers, runFile, smallGraph } from './file/test-models.ts';
import type { Graph, Node } from './ir.ts';
import { importModel, readModelFile } from './read.ts';
import { writeModel, writeModelFile } from './write.ts';

const conv = smallGraph({
  nodes: [
    node('Conv', ['x', 'w'], ['c'], { pads: { type: 'ints', value: [1, 0, 2, 1] } }),
    node('Relu', ['c'], ['y']),
  ],
  inputs: { x: ['N', 3, 9, 8] },
  initializers: { w: { dtype: 'float32', dims: [64, 3, 3, 3], data: numbers(64 * 27) } },
});

/** A graph with something of everything that a graph can hold. */
function everything(): Graph {
  const attributes: Node['attributes'] = {
    int: { type: 'int', value: -(2 ** 40) },
    zero: { type: 'int', value: 0 },
    float: { type: 'float', value: 0.25 },
    string: { type: 'string', value: 'näch' },
    empty: { type: 'string', value: '' },
    ints: { type: 'ints', value: [0, -1, 2 ** 50] },
    none: { type: 'ints', value: [] },
    floats: { type: 'floats', value: [0, -1.5] },
    strings: { type: 'strings', value: ['a', ''] },
    tensor: { type: 'tensor', value: { dtype: 'int64', dims: [], data: BigInt64Array.of(-5n) } },
  };
  return {
    name: 'everything',
    inputs: [
      { name: 'x', dtype: 'float32', shape: ['N', '4*N', 3, 0] },
      { name: 'b', dtype: 'bool', shape: [] },
      { name: 'u', dtype: 'uint8', shape: null },
    ],
    outputs: [{ name: 'y', dtype: 'int64', shape: ['M'] }],
    initializers: new Map([
      ['f', { dtype: 'float32', dims: [2, 3], data: numbers(6) }],
      ['i8', { dtype: 'int8', dims: [3], data: Int8Array.of(-128, 0, 127) }],
      ['u16', { dtype: 'uint16', dims: [1], data: Uint16Array.of(65535) }],
      ['u64', { dtype: 'uint64', dims: [1], data: BigUint64Array.of(2n ** 64n - 1n) }],
      ['flag', { dtype: 'bool', dims: [], data: Uint8Array.of(1) }],
      ['nothing', { dtype: 'float32', dims: [0, 3], data: new Float32Array() }],
    ]),
    nodes: [
      {
        op: 'First',
        domain: 'com.example',
        name: 'n1',
        inputs: ['x', '', 'f'],
        outputs: ['', 'z'],
        attributes,
      },
      {
        op: 'FusedMatMul',
        domain: 'com.microsoft',
        name: 'n2',
        inputs: ['z', 'b'],
        outputs: ['y'],
        attributes: {},
      },
    ],
    types: new Map(),
    metadata: new Map([['key', 'value']]),
  };
}

describe('writeModel', () => {
  it('writes what importModel reads back', () => {
    expect(importModel(writeModel(everything()))).toEqual(everything());
  });

  it('writes unknown extents as such', () => {
    const graph = smallGraph({ nodes: [node('Relu', ['x'], ['y'])], inputs: { x: ['?7', '2*?7'] } });
    const { shape } = importModel(writeModel(graph)).inputs[0];
    expect(shape).toEqual([expect.stringMatching(/^\?\d+$/), expect.stringMatching(/^\?\d+$/)]);
  });
});

describe('writeModelFile', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-write-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes one file, and replaces it whole', async () => {
    const path = join(folder, 'm.onnx');
    await writeModelFile(path, everything());
    await writeModelFile(path, conv);
    expect(await readdir(folder)).toEqual(['m.onnx']);
    expect(new Uint8Array(await readFile(path))).toEqual(writeModel(conv));
  });

  it('puts large weights beside the model, where ONNX Runtime finds them too', async () => {
    const path = join(folder, 'm.onnx');
    await writeModelFile(path, conv, { externalAbove: 1000 });
    expect((await readdir(folder)).sort()).toEqual(['m.onnx', 'm.onnx.data']);
    expect((await readFile(path)).length).toBeLessThan(1000);
    expect(await readModelFile(path)).toEqual(importModel(writeModel(conv)));
    const inputs = { x: [2, 3, 9, 8] };
    expect(await runFile(path, inputs)).toEqual(await runFile(writeModel(conv), inputs));
  });

  it('leaves nothing behind when it fails', async () => {
    await expect(writeModelFile(join(folder, 'none', 'm.onnx'), conv)).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual([]);
  });
});
