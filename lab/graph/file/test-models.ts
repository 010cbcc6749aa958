import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { type ModelProto, ModelProtoSchema } from '../generated/onnx_pb.js';
import type { Attributes, DType, Graph, Node, Tensor } from '../ir.ts';
import { writeModel } from '../write.ts';

/** Small models for tests, built as plain graphs and turned into files of any operator set. */

export interface SmallGraph {
  readonly nodes: readonly Node[];
  /** Shapes of the float32 inputs. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly initializers?: Readonly<Record<string, Tensor>>;
  /** Names of the outputs, with their type when it isn't float32. */
  readonly outputs?: Readonly<Record<string, DType>>;
}

export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
): Node {
  return { op, domain: '', name: `${op}_of_${outputs[0]}`, inputs, outputs, attributes };
}

export function smallGraph(spec: SmallGraph): Graph {
  const last = spec.nodes.at(-1)?.outputs[0] ?? '';
  const outputs = Object.entries(spec.outputs ?? { [last]: 'float32' as const });
  return {
    name: 'small',
    inputs: Object.entries(spec.inputs).map(([name, shape]) => ({ name, dtype: 'float32', shape })),
    outputs: outputs.map(([name, dtype]) => ({ name, dtype, shape: null })),
    initializers: new Map(Object.entries(spec.initializers ?? {})),
    nodes: [...spec.nodes],
    types: new Map(),
    metadata: new Map(),
  };
}

/** The graph as a file that declares `opset`, after `change`. */
export function fileOf(
  graph: Graph,
  opset: number,
  change: (model: ModelProto) => void = () => {},
): Uint8Array {
  const model = fromBinary(ModelProtoSchema, writeModel(graph));
  model.irVersion = 8n;
  model.opsetImport[0].version = BigInt(opset);
  change(model);
  return toBinary(ModelProtoSchema, model);
}

/** Reproducible numbers in [-2, 2], none near another by accident. */
export function numbers(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 4 - 2;
  });
}

/** What ONNX Runtime computes for a file, its float32 inputs filled with `numbers`; symbols are 2. */
export async function runFile(
  file: Uint8Array | string,
  inputs: SmallGraph['inputs'],
): Promise<Map<string, { dims: readonly number[]; data: number[] }>> {
  const session = await InferenceSession.create(file as string, { logSeverityLevel: 4 });
  const feeds: Record<string, RuntimeTensor> = {};
  for (const [name, shape] of Object.entries(inputs)) {
    const dims = shape.map((extent) => (typeof extent === 'number' ? extent : 2));
    const count = dims.reduce((product, extent) => product * extent, 1);
    feeds[name] = new RuntimeTensor('float32', numbers(count), dims);
  }
  const results = await session.run(feeds);
  await session.release();
  return new Map(
    Object.entries(results).map(([name, { dims, data }]) => [
      name,
      { dims, data: Array.from(data as Float32Array, Number) },
    ]),
  );
}
