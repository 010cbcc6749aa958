import { fromBinary } from '@bufbuild/protobuf';
import { GraphError } from '../errors.ts';
import { type GraphProto, type ModelProto, ModelProtoSchema } from '../generated/onnx_pb.js';
import type { Graph, ValueType } from '../ir.ts';
import type { ReadExternal } from './external.ts';
import { checkNames } from './names.ts';
import { decodeNode, domainOf } from './nodes.ts';
import { decodeTensor } from './tensors.ts';
import { decodeValue } from './values.ts';

/** The operator sets that we read, of ONNX's own domain. */
export const OLDEST_OPSET = 9;
export const NEWEST_OPSET = 21;

/** Parses the bytes of a file; GraphError (code 'bad-file') when they are no whole ONNX model. */
export function parseModel(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new GraphError('Not a whole ONNX file: it is truncated, damaged, or of another format', {
      code: 'bad-file',
      cause,
    });
  }
  if (model.graph === undefined) {
    throw new GraphError('Not an ONNX file: it holds no graph', { code: 'bad-file' });
  }
  return model;
}

/** The operator set of ONNX's own domain that the file speaks; GraphError when we can't read it. */
export function opsetOf(model: ModelProto): number {
  const versions = model.opsetImport.filter((entry) => domainOf(entry.domain) === '');
  if (versions.length !== 1) {
    throw new GraphError('The file should import one version of the ONNX operator set');
  }
  const version = versions[0]!.version;
  if (version < BigInt(OLDEST_OPSET) || version > BigInt(NEWEST_OPSET)) {
    throw new GraphError(
      `The file is of opset ${version}; export the model again with opset_version between ${OLDEST_OPSET} and ${NEWEST_OPSET}`,
    );
  }
  return Number(version);
}

/** Functions that nobody calls are harmless: some exporters leave them in. */
function refuseUnsupported(model: ModelProto, graph: GraphProto): void {
  const key = (domain: string, name: string) => `${domainOf(domain)}:${name}`;
  const functions = new Set(model.functions.map(({ domain, name }) => key(domain, name)));
  const caller = graph.node.find((node) => functions.has(key(node.domain, node.opType)));
  if (caller !== undefined) {
    throw new GraphError(
      `Node '${caller.name}' calls the function '${caller.opType}', which the file defines; export the model with functions inlined`,
      { code: 'unsupported-operator' },
    );
  }
  const [sparse] = graph.sparseInitializer;
  if (sparse !== undefined) {
    throw new GraphError(`Initializer '${sparse.values?.name ?? ''}' is sparse, which is not supported`);
  }
}

/** Names for nodes that have none: their operator and place, made unlike every name in the file. */
function nodeNames(graph: GraphProto): string[] {
  const taken = new Set(graph.node.map((node) => node.name));
  return graph.node.map((node, index) => {
    if (node.name !== '') return node.name;
    let name = `${node.opType}_${index}`;
    while (taken.has(name)) name += '_';
    taken.add(name);
    return name;
  });
}

/** What the file says of values inside the graph; those that aren't plain tensors are left out. */
function knownTypes(graph: GraphProto): Map<string, ValueType> {
  const types = new Map<string, ValueType>();
  for (const proto of graph.valueInfo) {
    if (proto.type?.tensorType === undefined) continue;
    try {
      types.set(proto.name, decodeValue(proto));
    } catch {
      // A hint about a value that we can't hold; the node that makes it will be refused for itself.
    }
  }
  return types;
}

/**
 * The graph as the file has it: old forms, half floats and order untouched, `types` holding the file's hints.
 * Initializers also listed as inputs (as IR version 3 had it) are taken from the inputs.
 */
export function decodeGraph(model: ModelProto, external: ReadExternal | undefined): Graph {
  const proto = model.graph!;
  checkNames(proto);
  refuseUnsupported(model, proto);
  const initializers: Graph['initializers'] = new Map();
  for (const tensor of proto.initializer) {
    if (initializers.has(tensor.name)) throw new GraphError(`Initializer '${tensor.name}' is there twice`);
    initializers.set(tensor.name, decodeTensor(tensor, external));
  }
  const names = nodeNames(proto);
  return {
    name: proto.name,
    inputs: proto.input.filter((input) => !initializers.has(input.name)).map(decodeValue),
    outputs: proto.output.map(decodeValue),
    initializers,
    nodes: proto.node.map((node, index) => decodeNode(node, names[index]!, external)),
    types: knownTypes(proto),
    metadata: new Map(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}
