import { GraphError } from './errors.ts';
import type { Attribute, Node, Tensor } from './ir.ts';

/**
 * Typed reading of a node's attributes. Every getter takes the fallback for an absent attribute; without
 * one, absence is an error. An attribute of another type is always an error (GraphError naming the node).
 */

type Kind = Attribute['type'];
interface Values {
  int: number;
  float: number;
  string: string;
  tensor: Tensor;
  ints: readonly number[];
  floats: readonly number[];
  strings: readonly string[];
}
type ValueOf<K extends Kind> = Values[K];

function read<K extends Kind, T>(node: Node, name: string, kind: K, fallback: [] | [T]): ValueOf<K> | T {
  const attribute = node.attributes[name];
  if (attribute === undefined) {
    if (fallback.length === 0) throw new GraphError(`Attribute '${name}' is missing`, { node });
    return fallback[0] as T;
  }
  if (attribute.type !== kind) {
    throw new GraphError(`Attribute '${name}' should be of type ${kind}, not ${attribute.type}`, { node });
  }
  return attribute.value as ValueOf<K>;
}

/** Is the attribute there? */
export function hasAttr(node: Node, name: string): boolean {
  return node.attributes[name] !== undefined;
}

export function intAttr<T = never>(node: Node, name: string, ...fallback: [] | [T]): number | T {
  return read(node, name, 'int', fallback);
}

/** An integer attribute that stands for yes (not 0) or no. */
export function flagAttr(node: Node, name: string, fallback: boolean): boolean {
  return intAttr(node, name, fallback ? 1 : 0) !== 0;
}

export function floatAttr<T = never>(node: Node, name: string, ...fallback: [] | [T]): number | T {
  return read(node, name, 'float', fallback);
}

export function stringAttr<T = never>(node: Node, name: string, ...fallback: [] | [T]): string | T {
  return read(node, name, 'string', fallback);
}

export function intsAttr<T = never>(node: Node, name: string, ...fallback: [] | [T]): readonly number[] | T {
  return read(node, name, 'ints', fallback);
}

export function floatsAttr<T = never>(
  node: Node,
  name: string,
  ...fallback: [] | [T]
): readonly number[] | T {
  return read(node, name, 'floats', fallback);
}

export function stringsAttr<T = never>(
  node: Node,
  name: string,
  ...fallback: [] | [T]
): readonly string[] | T {
  return read(node, name, 'strings', fallback);
}

export function tensorAttr<T = never>(node: Node, name: string, ...fallback: [] | [T]): Tensor | T {
  return read(node, name, 'tensor', fallback);
}
