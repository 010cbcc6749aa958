import { GraphError } from '../errors.ts';
import {
  type AttributeProto,
  AttributeProto_AttributeType as Kind,
  type NodeProto,
} from '../generated/onnx_pb.js';
import type { Attribute, Node } from '../ir.ts';
import type { ReadExternal } from './external.ts';
import { decodeTensor } from './tensors.ts';

const utf8 = new TextDecoder();

/**
 * An integer attribute as a number. Slice means "to the end" by the extreme values of int64, so beyond the
 * safe integers we saturate there; elsewhere such a value is an error.
 */
function integer(value: bigint, node: Node, name: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  if (node.op === 'Slice') return value > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
  throw new GraphError(`Attribute '${name}' has the value ${value}, beyond the safe integers`, { node });
}

function decodeAttribute(proto: AttributeProto, node: Node, external: ReadExternal | undefined): Attribute {
  const { name } = proto;
  switch (proto.type) {
    case Kind.INT:
      return { type: 'int', value: integer(proto.i, node, name) };
    case Kind.FLOAT:
      return { type: 'float', value: proto.f };
    case Kind.STRING:
      return { type: 'string', value: utf8.decode(proto.s) };
    case Kind.INTS:
      return { type: 'ints', value: proto.ints.map((value) => integer(value, node, name)) };
    case Kind.FLOATS:
      return { type: 'floats', value: proto.floats };
    case Kind.STRINGS:
      return { type: 'strings', value: proto.strings.map((value) => utf8.decode(value)) };
    case Kind.TENSOR:
      if (proto.t === undefined) throw new GraphError(`Attribute '${name}' holds no tensor`, { node });
      if (proto.t.name === '') proto.t.name = `${node.name}:${name}`;
      return { type: 'tensor', value: decodeTensor(proto.t, external) };
    case Kind.GRAPH:
    case Kind.GRAPHS:
      throw new GraphError('Control flow with subgraphs is not supported; export the model without it', {
        node,
        code: 'unsupported-operator',
      });
    default:
      throw new GraphError(`Attribute '${name}' is of a kind that we can't handle (${Kind[proto.type]})`, {
        node,
        code: 'unsupported-operator',
      });
  }
}

/** ONNX's own domain has two spellings; the graph knows the empty one. */
export function domainOf(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** A node of the file under the name given; GraphError naming it for attributes that we can't handle. */
export function decodeNode(proto: NodeProto, name: string, external: ReadExternal | undefined): Node {
  const attributes: Record<string, Attribute> = Object.create(null);
  const domain = domainOf(proto.domain);
  const node: Node = {
    op: proto.opType,
    domain,
    name,
    inputs: proto.input,
    outputs: proto.output,
    attributes,
  };
  if (node.op === '') throw new GraphError(`Node '${name}' has no operator type`);
  for (const attribute of proto.attribute) {
    if (attribute.name in attributes) {
      throw new GraphError(`Attribute '${attribute.name}' is there twice`, { node });
    }
    attributes[attribute.name] = decodeAttribute(attribute, node, external);
  }
  return node;
}
