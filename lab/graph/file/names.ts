import { GraphError } from '../errors.ts';
import type { GraphProto } from '../generated/onnx_pb.js';

const CONTROL = /\p{Cc}/u;
/** No exporter writes longer names; errors that quote them should stay readable. */
const LONGEST = 1000;

/** Foreign text fit to be quoted in an error: control characters replaced, cut to 100 characters. */
export function printable(text: string): string {
  const line = text.replace(/\p{Cc}/gu, '?');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

/**
 * Refuses names with control characters, which only a damaged or hostile file has: every later stage quotes
 * names in errors of one line, and hosts print those to a terminal. GraphError (code 'bad-file').
 */
export function checkNames(graph: GraphProto): void {
  const check = (name: string) => {
    if (name.length > LONGEST || CONTROL.test(name)) {
      throw new GraphError(`The file is damaged: '${printable(name)}' can't be a name`, { code: 'bad-file' });
    }
  };
  for (const list of [graph.initializer, graph.input, graph.output]) for (const { name } of list) check(name);
  for (const { values } of graph.sparseInitializer) check(values?.name ?? '');
  for (const node of graph.node) {
    for (const name of [node.name, node.opType, node.domain, ...node.input, ...node.output]) check(name);
    for (const attribute of node.attribute) {
      check(attribute.name);
      check(attribute.t?.name ?? '');
    }
  }
}
