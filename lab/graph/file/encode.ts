import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.js';
import {
  type Attribute,
  type Dim,
  type Graph,
  type Node,
  OPSET,
  type Tensor,
  type ValueInfo,
} from '../ir.ts';
import { codeOfDtype } from '../tensors.ts';

/** The version of the file format itself that goes with `OPSET`. */
const IR_VERSION = 10;
/** Versions of the other operator domains, as current runtimes take them; 1 for those unknown to us. */
const DOMAIN_VERSIONS: Readonly<Record<string, number>> = { 'ai.onnx.ml': 3 };

const utf8 = new TextEncoder();

/** A tensor's data as bytes, little-endian, in place. */
export function bytesOf(tensor: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A tensor without its data: name, type and dims. */
export function tensorHeader(name: string, tensor: Tensor): TensorProto {
  const dims = tensor.dims.map(BigInt);
  return create(TensorProtoSchema, { name, dims, dataType: codeOfDtype(tensor.dtype) });
}

/** A tensor whose data lie in the file `location` beside the model. */
export function externalTensor(name: string, tensor: Tensor, location: string, offset: number): TensorProto {
  const proto = tensorHeader(name, tensor);
  proto.dataLocation = TensorProto_DataLocation.EXTERNAL;
  const entries = { location, offset: String(offset), length: String(tensor.data.byteLength) };
  proto.externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return proto;
}

function encodeAttribute(name: string, attribute: Attribute): AttributeProto {
  const proto = create(AttributeProtoSchema, { name });
  switch (attribute.type) {
    case 'int':
      proto.type = Kind.INT;
      proto.i = BigInt(attribute.value);
      break;
    case 'float':
      proto.type = Kind.FLOAT;
      proto.f = Math.fround(attribute.value);
      break;
    case 'string':
      proto.type = Kind.STRING;
      proto.s = utf8.encode(attribute.value);
      break;
    case 'ints':
      proto.type = Kind.INTS;
      proto.ints = attribute.value.map(BigInt);
      break;
    case 'floats':
      proto.type = Kind.FLOATS;
      proto.floats = attribute.value.map(Math.fround);
      break;
    case 'strings':
      proto.type = Kind.STRINGS;
      proto.strings = attribute.value.map((value) => utf8.encode(value));
      break;
    case 'tensor':
      proto.type = Kind.TENSOR;
      proto.t = tensorHeader('', attribute.value);
      proto.t.rawData = bytesOf(attribute.value);
  }
  return proto;
}

function encodeNode(node: Node): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.op,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
  });
}

/** A symbol that stands for "unknown" (`?1`) is written as an extent with neither value nor name. */
function encodeDim(dim: Dim) {
  const unknown = typeof dim === 'string' && dim.includes('?');
  if (unknown) return create(TensorShapeProto_DimensionSchema);
  const value =
    typeof dim === 'number'
      ? { case: 'dimValue' as const, value: BigInt(dim) }
      : { case: 'dimParam' as const, value: dim };
  return create(TensorShapeProto_DimensionSchema, { value });
}

function encodeValue(value: ValueInfo): ValueInfoProto {
  const tensorType = create(TypeProto_TensorSchema, { elemType: codeOfDtype(value.dtype) });
  if (value.shape !== null) {
    tensorType.shape = create(TensorShapeProtoSchema, { dim: value.shape.map(encodeDim) });
  }
  return create(ValueInfoProtoSchema, { name: value.name, type: create(TypeProtoSchema, { tensorType }) });
}

function encodeOpsets(graph: Graph): ModelProto['opsetImport'] {
  const domains = new Set(graph.nodes.map((node) => node.domain));
  domains.delete('');
  const entry = (domain: string, version: number) =>
    create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) });
  const others = [...domains].sort().map((domain) => entry(domain, DOMAIN_VERSIONS[domain] ?? 1));
  return [entry('', OPSET), ...others];
}

/** The file's outermost message, without the graph, as bytes. */
export function encodeModelHeader(graph: Graph): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    producerName: 'halftone',
    opsetImport: encodeOpsets(graph),
    metadataProps: [...graph.metadata].map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
  });
  return toBinary(ModelProtoSchema, model);
}

/**
 * What is known of the values in between. ONNX Runtime's own inference loses a symbolic batch at every reshape,
 * and with it the proof that two images have one shape, which its blocked layouts ask for.
 */
function inferredValues(graph: Graph): ValueInfo[] {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  return graph.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => name !== '' && !outputs.has(name))
    .flatMap((name) => {
      const type = graph.types.get(name);
      return type?.shape ? [{ name, ...type }] : [];
    });
}

/** The graph's message without its initializers, as bytes. */
export function encodeGraphHeader(graph: Graph): Uint8Array {
  const proto: GraphProto = create(GraphProtoSchema, {
    // A graph must have a name; some exporters leave it empty.
    name: graph.name || 'graph',
    node: graph.nodes.map(encodeNode),
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
    valueInfo: inferredValues(graph).map(encodeValue),
  });
  return toBinary(GraphProtoSchema, proto);
}
